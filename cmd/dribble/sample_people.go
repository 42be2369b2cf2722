package main

// samplePlace is a country the roastery delivers to, with its towns and names.
// Days is how long a parcel usually travels; weight is its share of customers.
type samplePlace struct {
	country      string
	weight, days int
	carrier      string
	cities       []string
	first, last  []string
}

func samplePlaces() []samplePlace {
	return []samplePlace{
		{"Netherlands", 34, 1, "PostNL", []string{"Rotterdam", "Amsterdam", "Utrecht", "Groningen", "Eindhoven", "Haarlem", "Nijmegen", "Delft"},
			[]string{"Sanne", "Daan", "Lotte", "Bram", "Femke", "Thijs", "Anouk", "Ruben", "Maaike", "Joris", "Noor", "Sem"},
			[]string{"de Vries", "Jansen", "Bakker", "Visser", "van Dijk", "Smit", "Mulder", "Bos", "Hendriks", "van Leeuwen", "Kok", "Postma"}},
		{"Germany", 24, 3, "DHL", []string{"Berlin", "Hamburg", "Köln", "Leipzig", "München", "Bremen", "Freiburg", "Münster"},
			[]string{"Lena", "Jonas", "Katrin", "Felix", "Anja", "Moritz", "Greta", "Tobias", "Miriam", "Paul", "Hannah", "Emre"},
			[]string{"Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Wagner", "Becker", "Yılmaz", "Hoffmann", "Koch", "Richter", "Krüger"}},
		{"Belgium", 12, 2, "bpost", []string{"Gent", "Antwerpen", "Brussel", "Liège", "Leuven", "Brugge", "Namur"},
			[]string{"Elise", "Louis", "Marie", "Arthur", "Charlotte", "Wout", "Julie", "Lucas", "Nina", "Maxime"},
			[]string{"Peeters", "Maes", "Dubois", "Lambert", "Claes", "Willems", "Dupont", "Mertens", "Simon", "Jacobs"}},
		{"France", 11, 4, "Chronopost", []string{"Paris", "Lyon", "Lille", "Bordeaux", "Nantes", "Strasbourg", "Rennes"},
			[]string{"Camille", "Hugo", "Chloé", "Théo", "Inès", "Gabriel", "Manon", "Nathan", "Zoé", "Amélie"},
			[]string{"Martin", "Bernard", "Petit", "Robert", "Moreau", "Lefèvre", "Garcia", "Roux", "Fournier", "Girard"}},
		{"United Kingdom", 8, 6, "Royal Mail", []string{"London", "Manchester", "Bristol", "Leeds", "Glasgow", "Cardiff", "Belfast"},
			[]string{"Olivia", "Oliver", "Amelia", "Harry", "Isla", "George", "Priya", "Callum", "Freya", "Imran"},
			[]string{"Smith", "Jones", "Taylor", "Brown", "Williams", "Evans", "O'Brien", "Walker", "Patel", "Campbell"}},
		{"Denmark", 5, 4, "PostNord", []string{"København", "Aarhus", "Odense", "Aalborg"},
			[]string{"Freja", "Emil", "Ida", "Magnus", "Astrid", "Søren", "Mathilde", "Rasmus"},
			[]string{"Nielsen", "Jensen", "Hansen", "Pedersen", "Sørensen", "Møller", "Kjær", "Østergaard"}},
		{"Sweden", 3, 5, "PostNord", []string{"Stockholm", "Göteborg", "Malmö", "Uppsala"},
			[]string{"Elsa", "Oskar", "Maja", "Axel", "Linnéa", "Viktor", "Åsa", "Björn"},
			[]string{"Andersson", "Johansson", "Karlsson", "Nilsson", "Lindqvist", "Öberg", "Sandström", "Åkesson"}},
		{"Ireland", 2, 7, "An Post", []string{"Dublin", "Cork", "Galway", "Limerick"},
			[]string{"Aoife", "Conor", "Niamh", "Sean", "Ciara", "Oisín", "Saoirse", "Declan"},
			[]string{"Murphy", "Kelly", "O'Sullivan", "Walsh", "Byrne", "Ryan", "O'Connor", "Doyle"}},
		{"Switzerland", 1, 8, "Swiss Post", []string{"Zürich", "Basel", "Bern", "Lausanne"},
			[]string{"Nora", "Luca", "Elin", "Matteo", "Céline", "Reto", "Ladina", "Urs"},
			[]string{"Meier", "Keller", "Favre", "Brunner", "Bianchi", "Gerber", "Zürcher", "Rochat"}},
	}
}
