package mysql

import (
	"strings"

	"dribble/result"
)

// isBinary reports whether the column's cells are bytes without a character set.
func (d *definition) isBinary() bool {
	switch d.kind {
	case typeBit, typeGeometry, typeVector:
		return true
	case typeVarChar, typeTinyBlob, typeMediumBlob, typeLongBlob, typeBlob, typeVarString, typeString:
		return d.charset == charsetBinary && d.extended == "" && d.format == ""
	}
	return false
}

// column describes the column to the result.
func (d *definition) column() result.Column {
	name := d.typeName()
	return result.Column{
		Name: d.name, Type: name, Kind: kindOf(name),
		Key: d.flags&(flagPrimaryKey|flagUniqueKey) != 0,
	}
}

// typeName is the column's type as SQL spells it, in lower case.
func (d *definition) typeName() string {
	switch {
	case d.format == "json":
		return "json"
	case d.extended != "":
		return d.extended
	case d.flags&flagEnum != 0:
		return "enum"
	case d.flags&flagSet != 0:
		return "set"
	}
	switch d.kind {
	case typeTiny, typeShort, typeInt24, typeLong, typeLongLong:
		return d.integerName()
	case typeTinyBlob, typeMediumBlob, typeLongBlob, typeBlob, typeVarChar, typeVarString, typeString:
		return d.stringName()
	}
	return otherName(d.kind)
}

func (d *definition) integerName() string {
	name := map[byte]string{
		typeTiny: "tinyint", typeShort: "smallint", typeInt24: "mediumint", typeLong: "int", typeLongLong: "bigint",
	}[d.kind]
	if d.flags&flagUnsigned != 0 {
		return name + " unsigned"
	}
	return name
}

// stringName tells the string types apart. All blob types arrive as typeBlob,
// so their length, counted in bytes of utf8mb4, must tell.
func (d *definition) stringName() string {
	isBytes := d.charset == charsetBinary
	switch d.kind {
	case typeString:
		return pick(isBytes, "binary", "char")
	case typeVarChar, typeVarString:
		return pick(isBytes, "varbinary", "varchar")
	}
	width := uint64(4)
	if isBytes {
		width = 1
	}
	switch length := uint64(d.length); {
	case length <= 0xff*width:
		return pick(isBytes, "tinyblob", "tinytext")
	case length <= 0xffff*width:
		return pick(isBytes, "blob", "text")
	case length <= 0xffffff*width:
		return pick(isBytes, "mediumblob", "mediumtext")
	}
	return pick(isBytes, "longblob", "longtext")
}

func pick(isBytes bool, bytes, text string) string {
	if isBytes {
		return bytes
	}
	return text
}

func otherName(kind byte) string {
	switch kind {
	case typeDecimal, typeNewDecimal:
		return "decimal"
	case typeFloat:
		return "float"
	case typeDouble:
		return "double"
	case typeNull:
		return "null"
	case typeTimestamp, typeTimestamp2:
		return "timestamp"
	case typeDateTime, typeDateTime2:
		return "datetime"
	case typeDate, typeNewDate:
		return "date"
	case typeTime, typeTime2:
		return "time"
	case typeYear:
		return "year"
	case typeBit:
		return "bit"
	case typeJSON:
		return "json"
	case typeEnum:
		return "enum"
	case typeSet:
		return "set"
	case typeGeometry:
		return "geometry"
	case typeVector:
		return "vector"
	}
	return "unknown"
}

// kindOf maps a type as the server spells it, perhaps with length and unsigned,
// to its kind.
func kindOf(typeName string) result.Kind {
	word, _, _ := strings.Cut(typeName, "(")
	word, _, _ = strings.Cut(word, " ")
	switch strings.ToLower(word) {
	case "tinyint", "smallint", "mediumint", "int", "bigint", "year":
		return result.KindInteger
	case "decimal", "float", "double":
		return result.KindDecimal
	case "date":
		return result.KindDate
	case "time":
		return result.KindTime
	case "datetime", "timestamp":
		return result.KindTimestamp
	case "json":
		return result.KindJSON
	case "uuid":
		return result.KindUUID
	case "bit", "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "vector",
		"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
		"geometrycollection", "geomcollection":
		return result.KindBinary
	case "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "inet4", "inet6":
		return result.KindText
	}
	return result.KindOther
}
