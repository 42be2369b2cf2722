package main

import (
	"fmt"
	"math"
	"time"
)

// tables lays the sample out in the order in which it can be inserted.
func (r *roastery) tables() []sampleTable {
	items := r.fillBaskets() // first: it adds up the orders' totals
	return []sampleTable{r.beanTable(), r.customerTable(), r.planTable(), r.orderTable(), items, r.shipmentTable()}
}

func (r *roastery) beanTable() sampleTable {
	t := sampleTable{name: "beans", width: 10}
	for i, b := range r.beans {
		stock := 12 + b.weight*(2+r.rand.IntN(9))/2
		delivery := r.now.AddDate(0, 0, 3+r.rand.IntN(22))
		t.values = append(t.values, i+1, b.name, b.origin, b.region, b.process, b.roast, b.notes, b.price, stock, delivery.Format(sampleDate))
	}
	return t
}

func (r *roastery) customerTable() sampleTable {
	t := sampleTable{name: "customers", width: 7}
	for i, c := range r.customers {
		t.values = append(t.values, i+1, c.name, c.email, c.city, r.places[r.home[i]].country, c.joined.Format(sampleDate), c.newsletter)
	}
	return t
}

func (r *roastery) planTable() sampleTable {
	t := sampleTable{name: "subscriptions", width: 7}
	for i, p := range r.plans {
		t.values = append(t.values, i+1, p.customer+1, p.bean+1, p.bags, p.every, p.started.Format(sampleDate), p.status)
	}
	return t
}

func (r *roastery) orderTable() sampleTable {
	notes := []string{"Please ring twice", "Leave with the neighbours", "Gift: no invoice in the parcel", "Thanks, you make great coffee!"}
	t := sampleTable{name: "orders", width: 7}
	for i, o := range r.orders {
		var plan, note any
		if o.plan >= 0 {
			plan = o.plan + 1
		}
		if r.rand.IntN(40) == 0 {
			note = pick(r.rand, notes)
		}
		t.values = append(t.values, i+1, o.customer+1, plan, o.placed.Format(sampleTime), o.status, o.total, note)
	}
	return t
}

// fillBaskets draws each order's items and adds up its total.
func (r *roastery) fillBaskets() sampleTable {
	grinds := []string{"whole bean", "whole bean", "whole bean", "filter", "filter", "espresso", "french press", "moka pot"}
	t := sampleTable{name: "order_items", width: 6}
	for i := range r.orders {
		o := &r.orders[i]
		lines := 2 + r.rand.IntN(3) + r.rand.IntN(4) // 2 to 7, 4.5 on average
		cents := 0
		for line := range lines {
			bean, quantity := pick(r.rand, r.shelf), 1+r.rand.IntN(6)/4
			if line == 0 && o.plan >= 0 {
				bean, quantity = r.plans[o.plan].bean, r.plans[o.plan].bags
			}
			price := int(math.Round(r.beans[bean].price * 100))
			if o.placed.Before(r.now.AddDate(-1, 0, 0)) {
				price -= 50 // before last year's price rise
			}
			cents += price * quantity
			t.values = append(t.values, len(t.values)/t.width+1, i+1, bean+1, quantity, pick(r.rand, grinds), float64(price)/100)
		}
		o.total = float64(cents) / 100
	}
	return t
}

func (r *roastery) shipmentTable() sampleTable {
	t := sampleTable{name: "shipments", width: 6}
	for i, o := range r.orders {
		if o.status != "delivered" && o.status != "shipped" {
			continue
		}
		place := r.places[r.home[o.customer]]
		shipped := o.placed.Add(time.Duration(4+r.rand.IntN(40)) * time.Hour)
		days := float64(place.days) * (0.6 + r.rand.ExpFloat64()*0.5)
		arrived := shipped.Add(time.Duration(math.Min(days, 40)*24*float64(time.Hour)) + 5*time.Hour)
		var delivered any
		if o.status == "delivered" {
			delivered = earlier(arrived, r.now).Format(sampleTime)
		}
		t.values = append(t.values, len(t.values)/t.width+1, i+1, place.carrier,
			fmt.Sprintf("%s%09d", place.carrier[:2], r.rand.IntN(1e9)), earlier(shipped, r.now).Format(sampleTime), delivered)
	}
	return t
}
