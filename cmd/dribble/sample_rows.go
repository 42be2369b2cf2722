package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
	"unicode"
)

// How much the sample holds.
const (
	sampleCustomers     = 2_400
	sampleSubscriptions = 1_150
	sampleOrders        = 24_000
	sampleShipments     = 23_000
	sampleDays          = 730 // of history
)

// Layouts of the sample's dates, which SQLite's date functions read.
const (
	sampleDate = "2006-01-02"
	sampleTime = "2006-01-02 15:04:05"
)

// roastery makes up the sample's rows. What it draws depends on the seed alone;
// only dates depend on the day.
type roastery struct {
	rand  *rand.Rand
	now   time.Time
	beans []sampleBean
	shelf []int // bean numbers, each as often as its weight

	places    []samplePlace
	home      []int // by customer: index in places
	customers []sampleCustomer
	plans     []samplePlan
	due       []int // plan numbers, each as often as it delivers
	orders    []sampleOrder
}

type sampleCustomer struct {
	name, email, city string
	joined            time.Time
	newsletter        bool
}

type samplePlan struct {
	customer, bean, bags, every int
	started                     time.Time
	status                      string
	skips                       bool // its customer skips deliveries
}

type sampleOrder struct {
	placed   time.Time
	customer int
	plan     int // -1 for a single order
	status   string
	total    float64
}

func newRoastery(now time.Time) *roastery {
	r := &roastery{rand: rand.New(rand.NewPCG(1652, 1887)), now: now, beans: sampleBeans(), places: samplePlaces()}
	for i, b := range r.beans {
		r.shelf = append(r.shelf, slices.Repeat([]int{i}, b.weight)...)
	}
	r.meetCustomers()
	r.sellPlans()
	r.takeOrders()
	return r
}

func (r *roastery) meetCustomers() {
	var globe []int
	for i, p := range r.places {
		globe = append(globe, slices.Repeat([]int{i}, p.weight)...)
	}
	domains := []string{"example.com", "example.org", "example.net"}
	for i := range sampleCustomers {
		home := pick(r.rand, globe)
		place := r.places[home]
		name := pick(r.rand, place.first) + " " + pick(r.rand, place.last)
		r.home = append(r.home, home)
		r.customers = append(r.customers, sampleCustomer{
			name:       name,
			email:      fmt.Sprintf("%s.%d@%s", mailName(name), i+1, pick(r.rand, domains)),
			city:       pick(r.rand, place.cities),
			joined:     r.now,
			newsletter: r.rand.IntN(3) > 0,
		})
	}
}

func (r *roastery) sellPlans() {
	for i := range sampleSubscriptions {
		plan := samplePlan{
			customer: r.rand.IntN(sampleCustomers),
			bean:     pick(r.rand, r.shelf),
			bags:     1 + r.rand.IntN(3),
			every:    pick(r.rand, []int{7, 14, 14, 28, 28, 28}),
			started:  r.now,
			status:   "active",
			skips:    r.rand.IntN(7) == 0,
		}
		if !plan.skips && r.rand.IntN(8) == 0 {
			plan.status = pick(r.rand, []string{"paused", "ended"})
		}
		r.plans = append(r.plans, plan)
		r.due = append(r.due, slices.Repeat([]int{i}, 28/plan.every)...)
	}
}

// takeOrders spreads the orders over two years, more of them towards today, and
// dates customers and subscriptions back to their first order.
func (r *roastery) takeOrders() {
	times := make([]time.Time, sampleOrders)
	for i := range times {
		times[i] = r.placedAt((float64(i) + 0.5) / sampleOrders)
	}
	slices.SortFunc(times, time.Time.Compare)
	missing := sampleOrders - sampleShipments
	for i, placed := range times {
		o := sampleOrder{placed: placed, plan: -1, status: "delivered"}
		if r.rand.IntN(10) < 6 {
			o.plan = pick(r.rand, r.due)
			plan := &r.plans[o.plan]
			o.customer = plan.customer
			plan.started = earlier(plan.started, placed.AddDate(0, 0, -r.rand.IntN(5)))
		} else {
			o.customer = r.rand.IntN(sampleCustomers)
		}
		customer := &r.customers[o.customer]
		customer.joined = earlier(customer.joined, placed.AddDate(0, 0, -r.rand.IntN(60)))
		left := sampleOrders - i
		recent := left <= sampleOrders/5
		switch skip, cancel := r.rand.IntN(4) > 0, r.rand.IntN(70) == 0; {
		case left <= 60:
			o.status = "packing"
		case recent && o.plan >= 0 && r.plans[o.plan].skips && skip && missing > 60:
			o.status = "skipped"
		case cancel && missing > 60+(left*3)/100:
			o.status = "cancelled"
		case left <= 200:
			o.status = "shipped"
		}
		if o.status == "packing" || o.status == "skipped" || o.status == "cancelled" {
			missing--
		}
		r.orders = append(r.orders, o)
	}
	// What is still missing was cancelled, evenly over the older orders.
	for i := 0; missing > 0; i += 37 {
		if o := &r.orders[i%(sampleOrders/2)]; o.status == "delivered" {
			o.status = "cancelled"
			missing--
		}
	}
}

// placedAt gives the time of the order at share u, from 0 to 1, of all orders.
func (r *roastery) placedAt(u float64) time.Time {
	day := int(sampleDays * math.Pow(u, 1/1.4))
	hours := 6 + 9*(r.rand.Float64()+r.rand.Float64())
	midnight := r.now.Truncate(24*time.Hour).AddDate(0, 0, day-sampleDays+1)
	at := midnight.Add(time.Duration(hours * float64(time.Hour)))
	if day >= sampleDays-1 { // today is not over yet
		at = midnight.Add(time.Duration(hours / 24 * float64(r.now.Sub(midnight))))
	}
	return at.Truncate(time.Second)
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// mailName makes a mailbox name of a person's name: lower-case ASCII letters
// and dots.
func mailName(name string) string {
	plain := strings.NewReplacer("ü", "u", "ö", "o", "ø", "o", "é", "e", "è", "e", "å", "a", "Å", "a", "æ", "ae",
		"ı", "i", "í", "i", "Ö", "o", "Ø", "o", "ê", "e", " ", ".").Replace(strings.ToLower(name))
	return strings.Map(func(c rune) rune {
		if c == '.' || c < unicode.MaxASCII && unicode.IsLetter(c) {
			return c
		}
		return -1
	}, plain)
}
