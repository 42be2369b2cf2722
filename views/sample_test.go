package views_test

import (
	"strings"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/result"
	"dribble/views"
)

// The sample is one workspace as a person might see it; every test takes from it
// and changes what it is about.

func now() time.Time { return time.Date(2026, 11, 20, 14, 40, 0, 0, time.UTC) }

func engines() views.Engines {
	fields := []engine.Field{
		{Name: "host", Label: "Host", Kind: engine.FieldText, Required: true},
		{Name: "port", Label: "Port", Kind: engine.FieldNumber, Required: true, Default: "5432"},
		{Name: "database", Label: "Database", Kind: engine.FieldText, Required: true},
		{Name: "user", Label: "User", Kind: engine.FieldText, Required: true},
		{Name: "password", Label: "Password", Kind: engine.FieldPassword, Secret: true},
		{Name: "sslmode", Label: "TLS", Kind: engine.FieldSelect, Default: "verify-full", Options: []engine.Option{
			{Value: "disable", Label: "Off"}, {Value: "verify-full", Label: "Require, verify certificate"},
		}},
		{Name: "sslrootcert", Label: "CA certificate", Kind: engine.FieldPEM, Advanced: true, Help: "PEM text of the authority."},
	}
	return views.Engines{
		{Name: "postgres", Title: "PostgreSQL", Versions: "12 and newer", Monogram: "Pg", Fields: fields, Quote: `"`, DefaultSchema: "public"},
		{Name: "mysql", Title: "MySQL", Versions: "8.0 and MariaDB", Monogram: "My", Fields: fields[:5], Quote: "`"},
		{Name: "sqlite", Title: "SQLite", Versions: "3", Monogram: "Sq", Fields: []engine.Field{
			{Name: "path", Label: "File", Kind: engine.FieldPath, Required: true, Help: "A file on the server."},
		}, Quote: `"`, DefaultSchema: "main"},
	}
}

func page() views.Page {
	return views.Page{
		Title: "Revenue by region", Nonce: "bm9uY2U", Workspace: "Harbour Coffee", Engines: engines(), Version: "1.0", Now: now(),
		Principal: domain.Principal{UserName: "Mina Osei"}, CanEdit: true, CanManage: true, Editor: true,
	}
}

func sources() []domain.Source {
	return []domain.Source{
		{ID: "s1", Name: "prod-orders", Engine: "postgres"},
		{ID: "s2", Name: "support-desk", Engine: "mysql"},
		{ID: "s3", Name: "warehouse-eu", Engine: "postgres"},
		{ID: "s4", Name: "Roastery sample", Engine: "sqlite"},
	}
}

func catalogue() engine.Schema {
	orders := engine.Table{Name: "orders", Kind: engine.TableBase, RowsEstimate: 1_804_660, Columns: []engine.Column{
		{Name: "id", Type: "bigint", Kind: result.KindInteger, PrimaryKey: true},
		{Name: "customer_id", Type: "bigint", Kind: result.KindInteger, References: "sales.customers.id"},
		{Name: "placed_at", Type: "timestamp with time zone", Kind: result.KindTimestamp},
		{Name: "status", Type: "text", Kind: result.KindText},
		{Name: "total_cents", Type: "integer", Kind: result.KindInteger},
		{Name: "is_repeat", Type: "boolean", Kind: result.KindBool, Nullable: true},
		{Name: "meta", Type: "jsonb", Kind: result.KindJSON, Nullable: true, Comment: "Channel and gift"},
	}}
	return engine.Schema{Database: "orders", Schemas: []engine.Namespace{
		{Name: "sales", Tables: []engine.Table{
			orders,
			{Name: "customers", Kind: engine.TableBase, RowsEstimate: 52_014},
			{Name: "order_items", Kind: engine.TableBase, RowsEstimate: 4_612_000},
			{Name: "daily_revenue", Kind: engine.TableView, RowsEstimate: -1},
		}},
		{Name: "catalog"},
	}}
}

func sidebar() views.Sidebar {
	schema := catalogue()
	rows := views.SchemaRows("s1", schema, "sales")
	rows[0].Children[0].Open = true
	rows[0].Children[0].Children = views.ColumnRows("s1", "sales", schema.Schemas[0].Tables[0])
	all := sources()
	query := func(id, name string, versions int) domain.Query {
		return domain.Query{ID: id, Name: name, VersionCount: versions}
	}
	at := func(hour, minute int) time.Time { return time.Date(2026, 11, 20, hour, minute, 8, 0, time.UTC) }
	return views.Sidebar{
		Sources: []views.SourceItem{
			{Source: all[0], State: domain.WorkerReady, Open: true, Children: rows},
			{Source: all[1], State: domain.WorkerStopped},
			{Source: all[2], State: domain.WorkerStarting},
			{Source: all[3], State: domain.WorkerReady},
		},
		Queries: []domain.Query{
			query("q1", "Revenue by region", 7), query("q2", "Late shipments", 12),
			query("q4", "Churned subscribers", 4), query("q5", "Refunds, last 30 days", 9),
		},
		QueryTotal: 23, ActiveQuery: "q1",
		History: []domain.Run{
			{ID: "r1", QueryID: "q1", QueryName: "Revenue by region", Status: domain.RunSuccess, Elapsed: 1240 * time.Millisecond, CreatedAt: at(14, 32)},
			{ID: "r2", QueryID: "q1", QueryName: "Revenue by region", Status: domain.RunError, Elapsed: 90 * time.Millisecond, CreatedAt: at(14, 29)},
			{ID: "r3", QueryID: "q9", QueryName: "Open tickets by agent", Status: domain.RunSuccess, Elapsed: 310 * time.Millisecond, CreatedAt: at(14, 18)},
		},
	}
}

func tabs() []views.Tab {
	return []views.Tab{
		{ID: "q1", Kind: views.TabQuery, Name: "Revenue by region", Active: true, Dirty: true},
		{ID: "q2", Kind: views.TabQuery, Name: "Late shipments"},
		{ID: "q3", Kind: views.TabScratch, Name: "scratch 3", Dirty: true},
	}
}

func shell() views.Shell { return views.Shell{Page: page(), Sidebar: sidebar(), Tabs: tabs()} }

const revenueSQL = `-- Revenue and repeat rate by region, 2026
WITH monthly AS (
  SELECT date_trunc('month', o.placed_at)::date      AS month,
         c.region,
         count(*)                                    AS orders,
         sum(o.total_cents) / 100.0                  AS revenue,
         avg(CASE WHEN o.is_repeat THEN 1 ELSE 0 END) AS repeat_rate
  FROM   sales.orders o
  JOIN   sales.customers c ON c.id = o.customer_id
  WHERE  o.placed_at >= DATE '2026-01-01'
    AND  o.status <> 'cancelled'
  GROUP  BY 1, 2
)
SELECT month, region, orders, revenue, repeat_rate
FROM   monthly
ORDER  BY month DESC, revenue DESC;`

func revenueColumns() []result.Column {
	return []result.Column{
		{Name: "month", Type: "date", Kind: result.KindDate},
		{Name: "region", Type: "text", Kind: result.KindText},
		{Name: "orders", Type: "int8", Kind: result.KindInteger},
		{Name: "revenue", Type: "numeric", Kind: result.KindDecimal},
		{Name: "repeat_rate", Type: "numeric", Kind: result.KindDecimal},
		{Name: "promo", Type: "jsonb", Kind: result.KindJSON},
	}
}

// rows turns lines of cells split at "|" into rows; NULL is a nil cell.
func rows(text string) [][][]byte {
	var all [][][]byte
	for line := range strings.Lines(text) {
		var cells [][]byte
		for _, cell := range strings.Split(strings.TrimSuffix(line, "\n"), "|") {
			if cell == "NULL" {
				cells = append(cells, nil)
			} else {
				cells = append(cells, []byte(cell))
			}
		}
		all = append(all, cells)
	}
	return all
}

func revenueRows() [][][]byte {
	return rows(`2026-11-01|South|4182|212940.50|0.4127|{"code":"NOV10","pct":10}
2026-11-01|West|3907|198114.20|0.3982|{"code":"NOV10","pct":10}
2026-11-01|East|2644|131077.85|0.3650|NULL
2026-11-01|North|1208|54390.00|0.2214|NULL
2026-10-01|South|4655|236801.35|0.4203|{"code":"AUTUMN","pct":15,"stack":false}
2026-10-01|West|4310|219446.90|0.4051|{"code":"AUTUMN","pct":15,"stack":false}
2026-10-01|East|2981|148230.10|0.3718|NULL
2026-10-01|North|1377|60112.40|0.2309|{"code":"NORTH5","pct":5}
2026-09-01|South|4401|224690.75|0.4166|NULL
2026-09-01|West|4118|209355.00|0.3999|NULL
2026-09-01|East|2870|142617.60|0.3702|NULL
2026-09-01|North|2046|97280.15|0.3395|NULL
2026-08-01|South|4239|215007.30|0.4080|{"code":"SUMMER","pct":12}
2026-08-01|West|4002|203884.45|0.3944|{"code":"SUMMER","pct":12}
2026-08-01|East|2733|136902.00|0.3689|NULL
`)
}

func revenueQuery() domain.Query {
	return domain.Query{ID: "q1", Name: "Revenue by region", SourceID: "s1", DraftSQL: revenueSQL, SQL: revenueSQL + "\n", VersionCount: 7}
}

func success() domain.Run {
	return domain.Run{
		ID: "r1", QueryID: "q1", QueryName: "Revenue by region", Version: 7, SourceID: "s1", SourceName: "prod-orders", Engine: "postgres",
		SQL: revenueSQL, Status: domain.RunSuccess, Elapsed: 1240 * time.Millisecond, RowCount: 44, Bytes: 6200, Author: "Mina Osei",
		CreatedAt: now().Add(-39 * time.Minute), StartedAt: now().Add(-39 * time.Minute), FinishedAt: now().Add(-38 * time.Minute),
	}
}

func successView() views.QueryView {
	run := success()
	return views.QueryView{
		Query: revenueQuery(), Source: sources()[0], State: domain.WorkerReady, Sources: sources(), Engines: engines(), CanEdit: true,
		Results: views.ResultView{
			QueryID: "q1", Run: run, Engines: engines(), Now: now(),
			Statements: []views.StatementView{{
				RunStatement: domain.RunStatement{Status: domain.RunSuccess, HasRows: true, RowCount: 44, Affected: -1, Elapsed: run.Elapsed},
				Columns:      revenueColumns(), Rows: revenueRows(),
			}},
		},
		Status: views.StatusView{
			TabID: "q1", FormID: "run-q1", Source: sources()[0], State: domain.WorkerReady, Run: &run, Cached: true, MaxRows: 10_000, Now: now(),
		},
	}
}

func runningView() views.QueryView {
	v := successView()
	v.State = domain.WorkerBusy
	v.Query = domain.Query{ID: "q1", Name: "scratch 3", IsEphemeral: true, SourceID: "s1", DraftSQL: "-- Every 2026 order, newest first\nSELECT id,\n       placed_at,\n       customer_id,\n       status,\n       total_cents,\n       is_repeat,\n       meta\nFROM   sales.orders\nORDER  BY placed_at DESC;"}
	run := success()
	run.ID = "r9"
	run.Status, run.FinishedAt, run.RowCount, run.Bytes, run.Elapsed = domain.RunRunning, time.Time{}, 4208, 300_000, 14200*time.Millisecond
	v.Results.Run = run
	v.Results.Progress = views.Progress{Phase: "Receiving rows", Rows: 4208, Bytes: 300_000, Took: run.Elapsed, Rate: 296}
	v.Results.Statements[0] = views.StatementView{
		RunStatement: domain.RunStatement{Status: domain.RunRunning, HasRows: true, RowCount: 4208, Affected: -1},
		Columns: []result.Column{
			{Name: "id", Type: "int8", Kind: result.KindInteger, Key: true}, {Name: "placed_at", Type: "timestamptz", Kind: result.KindTimestamp},
			{Name: "customer_id", Type: "int8", Kind: result.KindInteger}, {Name: "status", Type: "text", Kind: result.KindText},
			{Name: "total_cents", Type: "int4", Kind: result.KindInteger}, {Name: "is_repeat", Type: "bool", Kind: result.KindBool},
			{Name: "meta", Type: "jsonb", Kind: result.KindJSON},
		},
		Rows: rows("1840377|2026-11-20 17:07:03+00|52011|paid|1250|t|{\"channel\":\"web\",\"gift\":true}\n1840373|2026-11-20 17:05:13+00|55730|paid|4821|f|{\"channel\":\"app\",\"gift\":false}\n1840371|2026-11-20 17:02:57+00|55249|shipped|8392|t|NULL\n"),
	}
	v.Status.Run, v.Status.State, v.Status.Cached = &run, domain.WorkerBusy, false
	return v
}

func failedView() views.QueryView {
	v := successView()
	hint := `Perhaps you meant to reference the column "o.placed_at".`
	e := domain.SQLError{Code: "42703", Severity: "ERROR", Message: "column o.placed_on does not exist", Hint: hint}
	v.Query.DraftSQL = strings.Replace(revenueSQL, "WHERE  o.placed_at", "WHERE  o.placed_on", 1)
	from := strings.Index(v.Query.DraftSQL, "o.placed_on")
	v.Results.Run.Status, v.Results.Run.Error, v.Results.Run.RowCount = domain.RunError, &e, 0
	v.Results.Run.Elapsed = 90 * time.Millisecond
	v.Results.Statements[0] = views.StatementView{RunStatement: domain.RunStatement{Status: domain.RunError, Affected: -1, Error: &e}}
	v.Results.Shown = views.ShowMessages
	v.Results.Problem = &views.Problem{
		Error: e, Placed: true, From: from, To: from + 11, Line: 10, Col: 10, Fault: "o.placed_on",
		Before: []views.Span{{Text: "  "}, {Class: "kw", Text: "WHERE"}, {Text: "  "}},
		After:  []views.Span{{Text: " "}, {Class: "op", Text: ">="}, {Text: " "}, {Class: "kw", Text: "DATE"}, {Text: " "}, {Class: "str", Text: "'2026-01-01'"}},
	}
	run := v.Results.Run
	v.Status.Run, v.Status.Cached = &run, false
	return v
}

func runsView() views.RunsView {
	at := func(text string) time.Time {
		t, _ := time.Parse("15:04:05", text)
		return time.Date(2026, 11, 20, t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	}
	run := func(status domain.RunStatus, started, name string, version int, source int, author string, rows int64, took time.Duration) domain.Run {
		s := sources()[source]
		return domain.Run{
			ID: "run-" + started, QueryID: "q1", QueryName: name, Version: version, SourceName: s.Name, Engine: s.Engine, Status: status,
			Author: author, RowCount: rows, Elapsed: took, CreatedAt: at(started),
		}
	}
	ms := time.Millisecond
	list := []domain.Run{
		run(domain.RunSuccess, "14:32:08", "Revenue by region", 7, 0, "Mina Osei", 44, 1240*ms),
		run(domain.RunError, "14:29:51", "Revenue by region", 7, 0, "Mina Osei", 0, 90*ms),
		run(domain.RunRunning, "14:21:17", "Late shipments", 12, 2, "Tomás Vidal", 8450, 12600*ms),
		run(domain.RunSuccess, "14:18:40", "Open tickets by agent", 3, 1, "Priya Raman", 212, 310*ms),
		run(domain.RunCancelled, "14:02:33", "scratch 3", 0, 0, "Mina Osei", 6200, 8020*ms),
		run(domain.RunSuccess, "13:38:22", "Churned subscribers", 4, 0, "Mina Osei", 904, 10*ms),
		run(domain.RunInterrupted, "12:11:49", "Refunds, last 30 days", 9, 0, "Priya Raman", 167, 420*ms),
	}
	list[1].Error = &domain.SQLError{Code: "42703", Message: `column "o.placed_on" does not exist`}
	list[5].CachedFrom = "run-13:40:05"
	return views.RunsView{
		Runs: list, Total: 163, Sources: sources(), Filter: views.RunFilter{SourceID: "s1"}, Next: "c2", Engines: engines(), Now: now(), CanEdit: true,
		Status: views.StatusView{TabID: "runs", Note: "3 of 4 workers ready", Now: now()},
	}
}

func sourceView() views.SourceView {
	ms := time.Millisecond
	return views.SourceView{
		Name: "billing-eu", Engine: "postgres", Engines: engines(), ReadOnly: true, Timeout: time.Minute, Dialog: true,
		Values: map[string]string{"host": "billing-db.harbour.internal", "port": "5432", "database": "billing", "user": "analyst_ro", "sslmode": "verify-full"},
		Test: views.TestView{
			Begun: true, Took: 2400 * ms,
			Steps: []engine.CheckStep{
				{Name: engine.StepWorker, Done: true, OK: true, Label: "Started a worker", Took: 1800 * ms},
				{Name: engine.StepHost, Done: true, OK: true, Label: "Reached the host", Took: 12 * ms},
				{Name: engine.StepTLS, Done: true, OK: true, Label: "TLS 1.3, certificate valid", Took: 31 * ms},
				{Name: engine.StepSignIn, Done: true, OK: true, Label: "Signed in as analyst_ro", Took: 24 * ms},
				{Name: engine.StepSchema, Done: true, OK: true, Label: "Read the schema", Took: 500 * ms},
			},
			Info: &engine.Info{
				ServerVersion: "PostgreSQL 16.4", Schemas: 3, Tables: 41, CanWrite: "No, role is read-only",
				LargestTable: "ledger.entries", LargestRows: 88_000_000, ServerTime: "UTC, 0.2 s ahead",
			},
		},
	}
}

func failedSource() views.SourceView {
	v := sourceView()
	v.Test.Info = nil
	v.Test.Steps = v.Test.Steps[:4]
	v.Test.Steps[3].OK, v.Test.Steps[3].Label = false, "Sign-in refused"
	v.Test.Failure = &engine.CheckError{
		Step: engine.StepSignIn, Title: "Wrong password for analyst_ro", Known: "The host answered, so address, port and TLS are fine.",
		Remedies: []string{"Type the password again. It may have been rotated.", "Check that pg_hba.conf lets this user in from the worker network, 172.28.4.0/24."},
		Raw:      `28P01 password authentication failed for user "analyst_ro"`, Field: "password",
	}
	return v
}

func welcomeView() views.WelcomeView {
	sql := "SELECT b.name, b.origin, sum(i.quantity) AS bags\nFROM   order_items i\nJOIN   beans b ON b.id = i.bean_id\nJOIN   orders o ON o.id = i.order_id\nGROUP  BY 1, 2\nORDER  BY bags DESC LIMIT 5;"
	return views.WelcomeView{
		First: &views.Example{
			Name: "Best-selling beans this month", Expected: "5 rows, about 0.1 s", SQL: sql, SourceID: "s4", Engine: "sqlite",
			Code: []views.Span{{Class: "kw", Text: "SELECT"}, {Text: strings.TrimPrefix(sql, "SELECT")}},
		},
		More: []views.Example{
			{Name: "Which subscribers have skipped two shipments?", Note: "LEFT JOIN, HAVING", SQL: strings.Repeat("x\n", 12)},
			{Name: "How long from order to doorstep, by country?", Note: "percentiles", SQL: "x\ny"},
		},
		Engines: engines(), CanEdit: true, CanManage: true,
		Status: views.StatusView{TabID: "welcome", Source: sources()[3], State: domain.WorkerReady, Now: now()},
	}
}

func confirmView() views.ConfirmView {
	return views.ConfirmView{
		Title: "Delete every row in sales.orders?", Text: "This DELETE has no WHERE. It cannot be undone once committed.", Rows: 1_804_660,
		Code:     []views.Span{{Class: "kw", Text: "DELETE FROM"}, {Text: " sales.orders"}, {Class: "op", Text: ";"}},
		TypeName: "prod-orders", Action: "/queries/q1/runs", Target: "#results-q1", Keep: "Keep rows", KeepHref: "/queries/q1", Do: "Delete all rows",
		Fields: []views.Field{{Name: "sql", Value: "DELETE FROM sales.orders;"}},
	}
}

func versionsView() views.VersionsView {
	v := views.VersionsView{Query: revenueQuery(), CanEdit: true, Now: now()}
	for n := 3; n > 0; n-- {
		item := views.VersionItem{Version: domain.Version{
			QueryID: "q1", Number: n, Trigger: domain.TriggerRun, Author: "Mina Osei", CreatedAt: now().Add(-time.Duration(9-n) * time.Hour),
		}}
		switch n {
		case 2:
			run := failedView().Results.Run
			item.LastRun, item.Message = &run, "Only this year"
		case 3:
			run := success()
			item.LastRun = &run
		}
		v.Versions = append(v.Versions, item)
	}
	return v
}
