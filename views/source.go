package views

import (
	"strconv"
	"time"

	"dribble/domain"
	"dribble/engine"
)

// SourceView is the form that adds or changes a source, with its connection test.
//
// The form's fields are: name, engine, "field."+Field.Name for each field of the
// engine, timeout and cache_ttl in seconds ("" = default), row_limit, read_only and
// production ("on"). An empty secret keeps the stored one.
type SourceView struct {
	ID         string // "" for a new source
	Name       string
	Engine     string
	Engines    Engines
	Values     map[string]string // connection fields without secrets
	Stored     map[string]bool   // secrets that are stored, by field name
	ReadOnly   bool
	Production bool
	Timeout    time.Duration // 0 = the workspace's default
	CacheTTL   time.Duration
	RowLimit   int
	Errors     map[string]string // by form field name ("name", "field.host"); "" for the whole form
	Test       TestView
	Dialog     bool // inside #dialog; otherwise a page of its own
}

// TestView is a connection test: not begun, under way, or ended.
type TestView struct {
	Begun   bool
	Steps   []engine.CheckStep // those that have begun, in order
	Took    time.Duration      // in all, so far
	Info    *engine.Info       // set once it has succeeded
	Failure *engine.CheckError // set once it has failed
}

func (t TestView) running() bool { return t.Begun && t.Info == nil && t.Failure == nil }

func (v SourceView) spec() engine.Spec {
	if spec, ok := engine.Find(v.Engines, v.Engine); ok {
		return spec
	}
	if len(v.Engines) > 0 {
		return v.Engines[0]
	}
	return engine.Spec{}
}

func (v SourceView) isNew() bool { return v.ID == "" }

func (v SourceView) title() string {
	if v.isNew() {
		return "Add a source"
	}
	return "Edit " + v.Name
}

func (v SourceView) action() string {
	if v.isNew() {
		return "/sources"
	}
	return "/sources/" + v.ID
}

func (v SourceView) fieldError(f engine.Field) string { return v.Errors[fieldName(f)] }

func (v SourceView) value(f engine.Field) string {
	if value, ok := v.Values[f.Name]; ok && !f.Secret {
		return value
	}
	if f.Secret || !v.isNew() {
		return ""
	}
	return f.Default
}

// advancedOpen reports whether the further fields must be in view: one of them is
// in error or has been set.
func (v SourceView) advancedOpen() bool {
	for _, f := range v.spec().Fields {
		if f.Advanced && (v.fieldError(f) != "" || v.Values[f.Name] != "" && v.Values[f.Name] != f.Default) {
			return true
		}
	}
	return false
}

func (v SourceView) hasAdvanced() bool {
	for _, f := range v.spec().Fields {
		if f.Advanced {
			return true
		}
	}
	return false
}

func fieldName(f engine.Field) string { return "field." + f.Name }

func fieldID(name string) string { return "source-" + name }

// fieldWidth is how much of the form's six columns a field takes.
func fieldWidth(f engine.Field) string {
	switch {
	case f.Kind == engine.FieldPEM || f.Kind == engine.FieldPath:
		return "field-6"
	case f.Name == "host":
		return "field-4"
	case f.Kind == engine.FieldSelect:
		return "field-3"
	}
	return "field-2"
}

// optional reports whether an empty field should say that it may stay so. A choice
// is never empty, and who needs a password knows.
func optional(f engine.Field) bool {
	return !f.Required && f.Kind != engine.FieldSelect && f.Kind != engine.FieldPassword
}

func inputType(f engine.Field) string {
	if f.Kind == engine.FieldPassword {
		return "password"
	}
	return "text"
}

// secretHint is shown in an empty secret that is stored.
func (v SourceView) secretHint(f engine.Field) string {
	if f.Secret && v.Stored[f.Name] {
		return "Stored. Type to replace it"
	}
	return ""
}

// stepLine is a step of the test as the panel shows it.
type stepLine struct {
	Label string
	State string // ok, err, run, wait
	Note  string
}

func (t TestView) lines() []stepLine {
	order := []string{engine.StepWorker, engine.StepHost, engine.StepTLS, engine.StepSignIn, engine.StepSchema}
	doing := []string{"Start a worker", "Reach the host", "Agree on TLS", "Sign in", "Read the schema"}
	lines := make([]stepLine, len(order))
	for i, name := range order {
		lines[i] = stepLine{Label: doing[i], State: "wait"}
		if t.Failure != nil {
			lines[i].Note = "Not run"
		}
		for _, s := range t.Steps {
			if s.Name == name {
				lines[i] = stepOf(s, doing[i])
			}
		}
	}
	return lines
}

func stepOf(s engine.CheckStep, doing string) stepLine {
	label := orText(s.Label, doing)
	switch {
	case !s.Done:
		return stepLine{Label: label, State: "run"}
	case s.OK:
		return stepLine{Label: label, State: "ok", Note: StepTime(s.Took)}
	}
	return stepLine{Label: label, State: "err", Note: StepTime(s.Took)}
}

func stepIcon(state string) string {
	switch state {
	case "ok":
		return "circle-check"
	case "err":
		return "circle-x"
	case "run":
		return "spinner"
	}
	return "circle-dashed"
}

func foundSentence(info engine.Info) string {
	return info.ServerVersion + ". Found " + Plural(int64(info.Schemas), "schema") + " and " + Plural(int64(info.Tables), "table") + "."
}

func largestTable(info engine.Info) string {
	if info.LargestRows < 0 {
		return info.LargestTable
	}
	return info.LargestTable + " · " + ShortCount(info.LargestRows)
}

// timeouts are the choices of "Stop a run after".
func timeouts(current time.Duration) []choice {
	choices := []choice{{"", "Workspace default"}}
	listed := []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}
	found := current == 0
	for _, d := range listed {
		choices = append(choices, choice{seconds(d), InWords(d)})
		found = found || d == current
	}
	if !found {
		choices = append(choices, choice{seconds(current), InWords(current)})
	}
	return choices
}

func seconds(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return strconv.Itoa(int(d / time.Second))
}

// InWords writes a round time in words: "7 days", "30 seconds".
func InWords(d time.Duration) string {
	switch {
	case d >= 48*time.Hour && d%(24*time.Hour) == 0:
		return Plural(int64(d/(24*time.Hour)), "day")
	case d >= time.Hour && d%time.Hour == 0:
		return Plural(int64(d/time.Hour), "hour")
	case d > time.Minute && d%time.Minute == 0:
		return Plural(int64(d/time.Minute), "minute")
	}
	return Plural(int64(d/time.Second), "second")
}

// BrowseView is the schema browser that works without script.
type BrowseView struct {
	Source    domain.Source
	State     domain.WorkerState
	Engines   Engines
	Schemas   []engine.Namespace // with tables
	Schema    string             // the one in view
	Table     *engine.Table      // the one in view, nil for the list
	Failure   string             // why nothing can be shown, "" if it can
	CanEdit   bool
	CanManage bool
	Now       time.Time
}

func (v BrowseView) namespace() engine.Namespace {
	for _, ns := range v.Schemas {
		if ns.Name == v.Schema {
			return ns
		}
	}
	return engine.Namespace{Name: v.Schema}
}

func tableKind(kind string) string {
	switch kind {
	case engine.TableView:
		return "view"
	case engine.TableMatView:
		return "materialized view"
	case engine.TableForeign:
		return "foreign table"
	case engine.TablePartBase:
		return "partitioned table"
	case engine.TableSystem:
		return "system table"
	}
	return "table"
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// blames reports whether a failed test names this field.
func (v SourceView) blames(f engine.Field) bool {
	return v.Test.Failure != nil && v.Test.Failure.Field == f.Name
}

// faultChanges reports whether marks on the fields must be set or removed: when a
// test begins and when it has failed.
func faultChanges(v SourceView) bool { return v.Test.Failure != nil || len(v.Test.Steps) == 0 }

func autocomplete(f engine.Field) string {
	if f.Secret {
		return "new-password"
	}
	return "off"
}
