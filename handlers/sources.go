package handlers

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"dribble/domain"
	"dribble/engine"
	"dribble/views"
)

// newSource shows the empty form, as the dialog for scripts.
func (s *Server) newSource(w http.ResponseWriter, r *http.Request) error {
	name := r.URL.Query().Get("engine")
	if name == "" && len(s.engines) > 0 {
		name = s.engines[0].Name
	}
	spec, err := s.spec(name)
	if err != nil {
		return err
	}
	return s.showSourceForm(w, r, http.StatusOK, views.SourceView{Engine: spec.Name, Engines: s.engines})
}

// editSource shows the form of a source; secrets are never in it.
func (s *Server) editSource(w http.ResponseWriter, r *http.Request) error {
	src, err := s.store.Source(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	v, err := s.sourceView(r, src)
	if err != nil {
		return err
	}
	return s.showSourceForm(w, r, http.StatusOK, v)
}

// sourceView is the form of a stored source.
func (s *Server) sourceView(r *http.Request, src domain.Source) (views.SourceView, error) {
	v := views.SourceView{
		ID: src.ID, Name: src.Name, Engine: src.Engine, Engines: s.engines, Values: src.Settings, Stored: map[string]bool{},
		ReadOnly: src.ReadOnly, Production: src.Production, Timeout: src.Timeout, CacheTTL: src.CacheTTL, RowLimit: src.RowLimit,
	}
	spec, err := s.spec(src.Engine)
	if err != nil {
		return v, err
	}
	credentials, err := s.store.Credentials(r.Context(), src.ID)
	if err != nil {
		return v, err
	}
	for _, f := range spec.Fields {
		v.Stored[f.Name] = f.Secret && credentials.Reveal()[f.Name] != ""
	}
	return v, nil
}

func (s *Server) showSourceForm(w http.ResponseWriter, r *http.Request, code int, v views.SourceView) error {
	if isFragment(r) {
		v.Dialog = true
		if r.Method == http.MethodGet && r.Header.Get("HX-Target") != "source-form" {
			return s.render(w, r, code, views.SourceDialog(v))
		}
		return s.render(w, r, code, views.SourceForm(v))
	}
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		return err
	}
	state.ActiveTab = ""
	return s.showWorkspace(w, r, code, "Source", state, nil, views.SourcePage(v))
}

// readSourceForm reads the form into what the API would have sent, and into the
// view that redraws it.
func (s *Server) readSourceForm(w http.ResponseWriter, r *http.Request) (sourceBody, views.SourceView, error) {
	if err := readForm(w, r); err != nil {
		return sourceBody{}, views.SourceView{}, err
	}
	form := r.PostForm
	name, readOnly, production := form.Get("name"), form.Get("read_only") != "", form.Get("production") != ""
	body := sourceBody{Name: &name, Engine: form.Get("engine"), Fields: map[string]string{}, ReadOnly: &readOnly, Production: &production}
	v := views.SourceView{
		ID: form.Get("id"), Name: name, Engine: body.Engine, Engines: s.engines, Values: map[string]string{}, Stored: map[string]bool{},
		ReadOnly: readOnly, Production: production, Errors: map[string]string{},
	}
	spec, err := s.spec(body.Engine)
	if err != nil {
		return body, v, err
	}
	for _, f := range spec.Fields {
		value, sent := form.Get("field."+f.Name), form.Has("field."+f.Name)
		if !sent || (f.Secret && value == "" && v.ID != "") {
			continue // an empty secret keeps the stored one
		}
		body.Fields[f.Name] = value
		if !f.Secret {
			v.Values[f.Name] = value
		}
	}
	seconds := func(field string) int64 {
		text := strings.TrimSpace(form.Get(field))
		if text == "" {
			return 0
		}
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || n < 0 {
			v.Errors[field] = "This must be a number of seconds."
		}
		return n
	}
	timeout, cache := seconds("timeout")*1000, seconds("cache_ttl")
	body.TimeoutMS, body.CacheTTLS = &timeout, &cache
	v.Timeout, v.CacheTTL = time.Duration(timeout)*time.Millisecond, time.Duration(cache)*time.Second
	limit := 0
	if text := strings.TrimSpace(form.Get("row_limit")); text != "" {
		if limit, err = strconv.Atoi(text); err != nil {
			v.Errors["row_limit"] = "The row limit must be a number."
		}
	}
	body.RowLimit, v.RowLimit = &limit, limit
	return body, v, nil
}

// redrawSource shows the form again with what is wrong. Other errors pass.
func (s *Server) redrawSource(w http.ResponseWriter, r *http.Request, v views.SourceView, err error) error {
	var public *domain.Error
	if !errors.As(err, &public) || (public.Code != domain.Invalid && public.Code != domain.Conflict) {
		return err
	}
	v.Errors[formField(v, public.Field)] = strings.TrimSpace(public.Message + " " + public.Hint)
	return s.showSourceForm(w, r, http.StatusUnprocessableEntity, v)
}

// formField is the form's name of a field that an error names.
func formField(v views.SourceView, field string) string {
	switch field {
	case "", "name", "row_limit":
		return field
	case "timeout_ms":
		return "timeout"
	case "cache_ttl_s":
		return "cache_ttl"
	}
	if spec, ok := engine.Find(v.Engines, v.Engine); ok {
		for _, f := range spec.Fields {
			if f.Name == field {
				return "field." + field
			}
		}
	}
	return ""
}

func (s *Server) createSource(w http.ResponseWriter, r *http.Request) error {
	body, v, err := s.readSourceForm(w, r)
	if err != nil {
		return err
	}
	if len(v.Errors) > 0 {
		return s.showSourceForm(w, r, http.StatusUnprocessableEntity, v)
	}
	if _, err := s.addSource(r, body); err != nil {
		return s.redrawSource(w, r, v, err)
	}
	return redirect(w, r, "/")
}

func (s *Server) updateSource(w http.ResponseWriter, r *http.Request) error {
	src, err := s.store.Source(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	body, v, err := s.readSourceForm(w, r)
	if err != nil {
		return err
	}
	v.ID, v.Engine, body.Engine = src.ID, src.Engine, src.Engine
	if len(v.Errors) > 0 {
		return s.showSourceForm(w, r, http.StatusUnprocessableEntity, v)
	}
	if _, err := s.changeSource(r, src, body); err != nil {
		return s.redrawSource(w, r, v, err)
	}
	return redirect(w, r, "/sources/"+src.ID)
}

// testSource tries the form's connection. A script sees each step as it ends; a
// plain form gets the page with the outcome.
func (s *Server) testSource(w http.ResponseWriter, r *http.Request) error {
	body, v, err := s.readSourceForm(w, r)
	if err != nil {
		return err
	}
	fields, err := s.testFields(r, body, v.ID)
	if err != nil {
		return s.redrawSource(w, r, v, err)
	}
	v.Test.Begun = true
	show := func() error { return nil }
	if isFragment(r) {
		v.Dialog = true
		stream := newStream(w, r)
		show = func() error { return stream.render(r.Context(), "", views.TestProgress(v)) }
	}
	_ = show() // takes the marks of an earlier test away
	start := time.Now()
	steps := make(chan engine.CheckStep, 16)
	type outcome struct {
		info engine.Info
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		info, err := s.workers.Test(r.Context(), v.Engine, fields, v.ReadOnly, func(st engine.CheckStep) { steps <- st })
		close(steps)
		done <- outcome{info, err}
	}()
	for st := range steps {
		v.Test.Steps, v.Test.Took = mergeStep(v.Test.Steps, st), time.Since(start)
		_ = show() // a viewer who has left ends the test by its context
	}
	result := <-done
	v.Test.Took = time.Since(start)
	if result.err == nil {
		v.Test.Info = &result.info
	} else {
		v.Test.Failure = testFailure(result.err)
	}
	if isFragment(r) {
		return nilAfter(show())
	}
	return s.showSourceForm(w, r, http.StatusOK, v)
}

// nilAfter swallows the error of an answer that has begun: nobody can read more.
func nilAfter(error) error { return nil }

// testFields are the fields that a test uses: the form's, over the stored ones of
// a source that is being changed.
func (s *Server) testFields(r *http.Request, body sourceBody, id string) (map[string]string, error) {
	if id == "" {
		spec, err := s.spec(body.Engine)
		if err != nil {
			return nil, err
		}
		fields, err := spec.Clean(body.Fields)
		if err != nil {
			return nil, err
		}
		return fields, s.checkPaths(spec, fields)
	}
	src, err := s.store.Source(r.Context(), principal(r), id)
	if err != nil {
		return nil, err
	}
	return s.merged(r, src, body.Fields)
}

// mergeStep replaces a step that had begun by its end.
func mergeStep(steps []engine.CheckStep, st engine.CheckStep) []engine.CheckStep {
	for i := range steps {
		if steps[i].Name == st.Name {
			steps[i] = st
			return steps
		}
	}
	return append(steps, st)
}

// testFailure words whatever ended a test.
func testFailure(err error) *engine.CheckError {
	var failed *engine.CheckError
	if errors.As(err, &failed) {
		return failed
	}
	var public *domain.Error
	if errors.As(err, &public) {
		return &engine.CheckError{Step: engine.StepWorker, Title: strings.TrimSuffix(public.Message, "."), Remedies: nonEmpty(public.Hint)}
	}
	return &engine.CheckError{Step: engine.StepWorker, Title: "The test could not be finished", Remedies: []string{"Test again. If it fails again, the server's log has the cause."}}
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// confirmDeleteSource asks before a source goes.
func (s *Server) confirmDeleteSource(w http.ResponseWriter, r *http.Request) error {
	src, err := s.store.Source(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	v := views.ConfirmView{
		Title: "Delete " + src.Name + "?", Action: "/sources/" + src.ID + "/delete", Keep: "Keep source", KeepHref: "/sources/" + src.ID, Do: "Delete source",
		Text: "Its connection and password are removed from Dribble. The database itself, saved queries and past runs stay.",
	}
	if src.Production {
		v.TypeName = src.Name
	}
	return s.showConfirm(w, r, http.StatusOK, v)
}

// showConfirm asks in the dialog, or on a page of its own.
func (s *Server) showConfirm(w http.ResponseWriter, r *http.Request, code int, v views.ConfirmView) error {
	if isFragment(r) {
		if r.Method != http.MethodGet {
			w.Header().Set("HX-Reswap", "none")
			return s.render(w, r, code, views.RunAsked(v))
		}
		return s.render(w, r, code, views.Confirm(v))
	}
	state, err := s.store.State(r.Context(), principal(r))
	if err != nil {
		return err
	}
	state.ActiveTab = ""
	return s.showWorkspace(w, r, code, "Confirm", state, nil, views.ConfirmPage(v))
}

func (s *Server) deleteSource(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	src, err := s.store.Source(r.Context(), principal(r), chi.URLParam(r, "id"))
	if err != nil {
		return err
	}
	if src.Production && r.PostForm.Get("confirm") != src.Name {
		return &domain.Error{Code: domain.Conflict, Field: "confirm", Message: "The name was not typed, so " + src.Name + " was kept.", Hint: "Type the source's name to delete it."}
	}
	if err := s.removeSource(r, src.ID); err != nil {
		return err
	}
	return redirect(w, r, "/")
}
