package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"

	"dribble/db"
	"dribble/domain"
	"dribble/handlers"
)

// The settings of the install that remember what the first start did.
const (
	sampleSetting = "sample_source"
	sampleName    = "Roastery sample"
)

// sampleFile is the sample database's name in the data folder.
const sampleFile = "roastery.db"

// addSample makes the sample database at the first start and again if its file is
// missing, and adds its source once: a person who deletes the source keeps it
// deleted. It returns the source's ID, "" if deleted.
func addSample(ctx context.Context, c config, store *db.Store, p domain.Principal) (string, error) {
	path, err := filepath.Abs(filepath.Join(c.Data, sampleFile))
	if err != nil {
		return "", fmt.Errorf("find the sample's folder: %w", err)
	}
	id, err := store.Setting(ctx, sampleSetting)
	if err != nil {
		return "", err
	}
	if id != "" {
		if _, err := store.Source(ctx, p, id); err != nil {
			if domain.CodeOf(err) == domain.NotFound {
				return "", nil
			}
			return "", err
		}
	}
	if _, err := os.Stat(path); err != nil {
		if err := makeSample(ctx, path); err != nil {
			return "", fmt.Errorf("make the sample database: %w", err)
		}
		debug.FreeOSMemory() // its rows were the most memory this process ever needs
	}
	if id != "" {
		return id, nil
	}
	src, err := store.CreateSource(ctx, p, domain.Source{
		Name: sampleName, Engine: "sqlite", Settings: map[string]string{"path": path}, IsActive: true,
	}, nil)
	if err != nil {
		return "", err
	}
	return src.ID, store.SaveSetting(ctx, sampleSetting, src.ID)
}

// samples are the example queries of the first-run page, none if their source is
// gone.
func samples(sourceID string) []handlers.Sample {
	if sourceID == "" {
		return nil
	}
	var out []handlers.Sample
	for _, q := range sampleQueries() {
		out = append(out, handlers.Sample{Name: q.Name, Note: q.Note, SQL: q.SQL, SourceID: sourceID})
	}
	out[0].Expected = "5 rows, about 0.1 s"
	return out
}
