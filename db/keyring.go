package db

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"dribble/domain"
)

const keySize = 32 // bytes of an AES-256 key

// LoadKeyring reads the key file at path, or makes one with a new random key,
// readable by its owner alone. A line is "<key id> <base64 of 32 bytes>"; blank
// lines and lines that begin with # do not count. The first key seals, all open.
// To change keys, put a new line on top and call Store.Reseal.
//
// It is domain.Invalid if the file is open to other users, holds no key, or a key
// is too short or not random.
func LoadKeyring(path string) (*Keyring, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKeyFile(path); err != nil {
			return nil, badKeys(path, err)
		}
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, badKeys(path, err)
	}
	if err := checkMode(path); err != nil {
		return nil, err
	}
	k, err := parseKeyring(string(text))
	if err != nil {
		return nil, badKeys(path, err)
	}
	return k, nil
}

func badKeys(path string, err error) error {
	return &domain.Error{
		Code: domain.Invalid, Op: "db.LoadKeyring", Err: err,
		Message: "The key file " + path + " cannot be used.",
		Hint:    "Restore it from a backup. Without it the saved passwords of sources cannot be read.",
	}
}

// checkMode refuses a file of ours that others may read. A file of another owner,
// such as a mounted secret, has the mode its owner chose.
func checkMode(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return badKeys(path, err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if info.Mode().Perm()&0o077 == 0 || !ok || int(owner.Uid) != os.Getuid() {
		return nil
	}
	return &domain.Error{
		Code: domain.Invalid, Op: "db.LoadKeyring",
		Message: "The key file " + path + " can be read by other users of this computer.",
		Hint:    "Run: chmod 600 " + path,
	}
}

// makeKeyFile writes a new key. If another process makes one at the same moment,
// that one stays.
func makeKeyFile(path string) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	f, err := os.CreateTemp(dir, ".keys-*") // mode 0600
	if err != nil {
		return fmt.Errorf("make file: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }()
	var kid [4]byte
	key := make([]byte, keySize)
	_, _ = rand.Read(kid[:]) // never fails
	_, _ = rand.Read(key)
	_, err = fmt.Fprintf(f, "# Dribble seals saved passwords with these keys. Keep a copy in a safe place.\n%s %s\n",
		hex.EncodeToString(kid[:]), base64.StdEncoding.EncodeToString(key))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("place file: %w", err)
	}
	return nil
}

func parseKeyring(text string) (*Keyring, error) {
	k := &Keyring{keys: map[string]cipher.AEAD{}}
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		kid, encoded, _ := strings.Cut(line, " ")
		if !validKid(kid) || k.keys[kid] != nil {
			return nil, fmt.Errorf("line %d: the key id is not valid or is used twice", i+1)
		}
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		if err != nil {
			return nil, fmt.Errorf("line %d: the key is not base64", i+1) // the cause would show part of the key
		}
		if err := checkKey(key); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if k.keys[kid], err = newAEAD(key); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		if k.current == "" {
			k.current = kid
		}
	}
	if k.current == "" {
		return nil, errors.New("there is no key in the file")
	}
	return k, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("make cipher: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// checkKey refuses keys that nobody drew at random: short ones, typed or sample
// texts, repeated or counted bytes. The odds of refusing a random key are below
// one in a million millions.
func checkKey(key []byte) error {
	if len(key) != keySize {
		return fmt.Errorf("the key has %d bytes, not %d", len(key), keySize)
	}
	seen, printable, counted := map[byte]bool{}, 0, 0
	for i, b := range key {
		seen[b] = true
		if b >= ' ' && b <= '~' {
			printable++
		}
		if i > 0 && b-key[i-1] == key[1]-key[0] {
			counted++
		}
	}
	if len(seen) < 16 || printable == keySize || counted == keySize-1 {
		return errors.New("the key is a sample or a typed text, not random; make one with: openssl rand -base64 32")
	}
	return nil
}
