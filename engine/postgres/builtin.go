package postgres

import "dribble/result"

// builtinTypes are the types that common results have, so that they need no
// question to the server. Their OIDs are fixed by PostgreSQL.
func builtinTypes() map[uint32]typeName {
	types := map[uint32]typeName{
		16: {"bool", result.KindBool}, 17: {"bytea", result.KindBinary}, 18: {"char", result.KindText},
		19: {"name", result.KindText}, 20: {"int8", result.KindInteger}, 21: {"int2", result.KindInteger},
		23: {"int4", result.KindInteger}, 25: {"text", result.KindText}, 26: {"oid", result.KindInteger},
		114: {"json", result.KindJSON}, 142: {"xml", result.KindText}, 700: {"float4", result.KindDecimal},
		701: {"float8", result.KindDecimal}, 705: {"unknown", result.KindOther}, 790: {"money", result.KindDecimal},
		869: {"inet", result.KindOther}, 650: {"cidr", result.KindOther}, 829: {"macaddr", result.KindOther},
		1042: {"bpchar", result.KindText}, 1043: {"varchar", result.KindText}, 1082: {"date", result.KindDate},
		1083: {"time", result.KindTime}, 1114: {"timestamp", result.KindTimestamp},
		1184: {"timestamptz", result.KindTimestamp}, 1186: {"interval", result.KindInterval},
		1266: {"timetz", result.KindTime}, 1700: {"numeric", result.KindDecimal}, 2278: {"void", result.KindOther},
		2249: {"record", result.KindOther}, 2950: {"uuid", result.KindUUID}, 3802: {"jsonb", result.KindJSON},
	}
	arrays := map[uint32]uint32{
		1000: 16, 1001: 17, 1003: 19, 1005: 21, 1007: 23, 1009: 25, 1016: 20, 1021: 700, 1022: 701, 1115: 1114,
		1182: 1082, 1185: 1184, 1231: 1700, 1015: 1043, 199: 114, 2951: 2950, 3807: 3802,
	}
	for oid, element := range arrays {
		types[oid] = typeName{types[element].name + "[]", result.KindArray}
	}
	return types
}
