package main

// sampleBean is one coffee of the sample. Its weight says how often it sells.
type sampleBean struct {
	name, origin, region, process, roast, notes string
	price                                       float64
	weight                                      int
}

func sampleBeans() []sampleBean {
	return []sampleBean{
		{"Yirgacheffe Kochere", "Ethiopia", "Gedeo", "washed", "light", "jasmine, lemon, black tea", 14.50, 100},
		{"Guji Uraga", "Ethiopia", "Oromia", "natural", "light", "blueberry, milk chocolate", 15.50, 76},
		{"Sidama Bensa", "Ethiopia", "Sidama", "natural", "light", "strawberry, cane sugar", 15.00, 55},
		{"Harrar Longberry", "Ethiopia", "Harari", "natural", "medium", "dried fig, cocoa", 14.00, 22},
		{"Limu Gera", "Ethiopia", "Jimma", "washed", "light", "peach, honey", 13.80, 24},
		{"Nyeri Gichathaini", "Kenya", "Nyeri", "washed", "light", "blackcurrant, grapefruit", 17.00, 48},
		{"Kirinyaga Peaberry", "Kenya", "Kirinyaga", "washed", "light", "tomato leaf, red apple", 17.50, 28},
		{"Kiambu AA", "Kenya", "Kiambu", "washed", "medium", "plum, brown sugar", 16.50, 20},
		{"Huila Pitalito", "Colombia", "Huila", "washed", "medium", "caramel, red apple", 13.00, 88},
		{"Nariño La Unión", "Colombia", "Nariño", "washed", "medium", "orange, panela", 13.50, 46},
		{"Tolima Planadas", "Colombia", "Tolima", "honey", "medium", "apricot, toffee", 13.90, 33},
		{"Cauca Decaf", "Colombia", "Cauca", "decaf, sugar cane", "medium", "cocoa, raisin", 13.20, 52},
		{"Antigua Los Volcanes", "Guatemala", "Antigua", "washed", "medium", "almond, dark chocolate", 12.80, 61},
		{"Huehuetenango El Paraíso", "Guatemala", "Huehuetenango", "washed", "medium", "toffee, green apple", 13.10, 37},
		{"Atitlán San Pedro", "Guatemala", "Sololá", "washed", "medium", "hazelnut, orange", 12.90, 18},
		{"Tarrazú La Pastora", "Costa Rica", "Tarrazú", "honey", "medium", "honey, mandarin", 14.20, 41},
		{"West Valley Yellow Honey", "Costa Rica", "Alajuela", "honey", "light", "mango, vanilla", 14.90, 26},
		{"Santa Ana Pacamara", "El Salvador", "Apaneca", "washed", "medium", "cherry, pecan", 15.20, 21},
		{"Marcala Organic", "Honduras", "La Paz", "washed", "medium", "milk chocolate, walnut", 11.50, 57},
		{"Copán Natural", "Honduras", "Copán", "natural", "medium", "raspberry, cocoa nib", 12.40, 23},
		{"Jinotega La Bastilla", "Nicaragua", "Jinotega", "washed", "medium", "nougat, lime", 11.90, 25},
		{"Chiapas Sierra Madre", "Mexico", "Chiapas", "washed", "medium", "brown sugar, peanut", 11.20, 34},
		{"Oaxaca Pluma", "Mexico", "Oaxaca", "washed", "medium", "cinnamon, cacao", 12.60, 17},
		{"Cerrado Mineiro", "Brazil", "Minas Gerais", "natural", "dark", "hazelnut, dark chocolate", 10.50, 95},
		{"Mogiana Santa Alina", "Brazil", "São Paulo", "pulped natural", "dark", "peanut butter, caramel", 10.90, 63},
		{"Bahia Chapada", "Brazil", "Bahia", "natural", "medium", "cashew, molasses", 11.40, 27},
		{"Cusco La Convención", "Peru", "Cusco", "washed", "medium", "praline, orange peel", 12.10, 36},
		{"Cajamarca San Ignacio", "Peru", "Cajamarca", "washed", "medium", "marzipan, plum", 12.20, 29},
		{"Caranavi Cup", "Bolivia", "La Paz", "washed", "light", "lychee, cream", 16.20, 12},
		{"Kayanza Gahahe", "Burundi", "Kayanza", "washed", "light", "cranberry, rooibos", 14.70, 19},
		{"Nyamasheke Kanzu", "Rwanda", "Western Province", "washed", "light", "red currant, orange blossom", 14.60, 31},
		{"Mbeya Iyela", "Tanzania", "Mbeya", "washed", "medium", "black tea, peach", 13.70, 15},
		{"Mount Elgon Sipi", "Uganda", "Kapchorwa", "natural", "medium", "date, baking spice", 12.00, 16},
		{"Aceh Gayo", "Indonesia", "Sumatra", "wet hulled", "dark", "cedar, dark cocoa", 12.70, 44},
		{"Toraja Sapan", "Indonesia", "Sulawesi", "wet hulled", "dark", "clove, dried plum", 13.60, 18},
		{"Eastern Highlands Kainantu", "Papua New Guinea", "Eastern Highlands", "washed", "medium", "papaya, maple", 13.30, 14},
		{"Harbour Espresso", "Blend", "Brazil and Ethiopia", "mixed", "dark", "chocolate, cherry", 11.90, 140},
		{"First Light Filter", "Blend", "Kenya and Colombia", "washed", "light", "berries, caramel", 13.40, 92},
	}
}
