package serve

import (
	"os"
	"syscall"
)

// Of linux/prctl.h.
const (
	prSetDeathSignal = 1
	prSetDumpable    = 4
)

// killMeFirst is the process's out-of-memory score: the worker goes before the
// server does.
const killMeFirst = "600"

// harden makes the process die with its parent if it is bound to it, and keeps
// the credentials in its memory from core files and from other processes of the
// same user. All of it is a second line, so failures are no errors.
func harden(bound bool) {
	if bound {
		_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, prSetDeathSignal, uintptr(syscall.SIGTERM), 0)
	}
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte(killMeFirst), 0)
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0)
}
