package sqltext

import (
	"slices"
	"testing"
)

func TestOffsets(t *testing.T) {
	t.Parallel()
	const s = "aé😀\r\nb\n\rשc"
	tests := []struct{ bytes, utf16, runes, line, col int }{
		{0, 0, 0, 1, 1},
		{1, 1, 1, 1, 2},    // é
		{3, 2, 2, 1, 3},    // 😀
		{7, 4, 3, 1, 4},    // \r
		{8, 5, 4, 1, 5},    // \n of the same line end
		{9, 6, 5, 2, 1},    // b
		{10, 7, 6, 2, 2},   // \n
		{11, 8, 7, 3, 1},   // lone \r
		{12, 9, 8, 4, 1},   // ש
		{14, 10, 9, 4, 2},  // c
		{15, 11, 10, 4, 3}, // end
	}
	for _, tt := range tests {
		if got := UTF16(s, tt.bytes); got != tt.utf16 {
			t.Errorf("UTF16(%d): got %d, want %d", tt.bytes, got, tt.utf16)
		}
		if got := ByteOffset(s, tt.utf16); got != tt.bytes {
			t.Errorf("ByteOffset(%d): got %d, want %d", tt.utf16, got, tt.bytes)
		}
		if got := RuneOffset(s, tt.bytes); got != tt.runes {
			t.Errorf("RuneOffset(%d): got %d, want %d", tt.bytes, got, tt.runes)
		}
		if got := ByteFromRune(s, tt.runes); got != tt.bytes {
			t.Errorf("ByteFromRune(%d): got %d, want %d", tt.runes, got, tt.bytes)
		}
		line, col := LineCol(s, tt.bytes)
		if line != tt.line || col != tt.col {
			t.Errorf("LineCol(%d): got %d:%d, want %d:%d", tt.bytes, line, col, tt.line, tt.col)
		}
	}
}

func TestOffsetsOutOfPlace(t *testing.T) {
	t.Parallel()
	const s = "é😀"
	got := []int{
		UTF16(s, -1), UTF16(s, 1), UTF16(s, 4), UTF16(s, 99),
		ByteOffset(s, -1), ByteOffset(s, 2), ByteOffset(s, 99),
		RuneOffset(s, -1), RuneOffset(s, 5), RuneOffset(s, 99),
		ByteFromRune(s, -1), ByteFromRune(s, 99),
		UTF16("\xff\xffa", 2), ByteOffset("\xff\xffa", 2), RuneOffset("\xe2\x82", 1),
	}
	want := []int{0, 0, 1, 3, 0, 2, 6, 0, 1, 2, 0, 6, 2, 2, 1}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
