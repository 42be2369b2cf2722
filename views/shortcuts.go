package views

// shortcut is one line of the list of keyboard shortcuts.
type shortcut struct{ Keys, Does string }

func shortcutList() []shortcut {
	return []shortcut{
		{"⌘↵", "Run the statement at the caret, or the selection"},
		{"⇧⌘↵", "Run all statements"},
		{"⌘.", "Cancel the run"},
		{"⌘S", "Save a new version"},
		{"⌥⌘H", "Version history"},
		{"⌘K", "Search tables and queries"},
		{"⌘B", "Show or hide the sidebar"},
		{"⌘\\", "Grow results, grow editor, both"},
		{"⌥T", "New tab"},
		{"⌥W", "Close tab"},
		{"⌥1…9", "Go to a tab"},
		{"⌥[ ⌥]", "Previous and next tab"},
		{"F6", "Next region"},
		{"F8", "Next problem"},
		{"⌘/", "Comment lines"},
		{"⌘F", "Find in the editor"},
		{"⇧⌘D", "Choose another source"},
		{"⌘C", "Copy the selected cells"},
		{"⇧⌘C", "Copy cells with headers"},
		{"↵", "In the grid: open the value. In the tree: insert the name"},
		{"Space", "In the tree: preview 100 rows"},
		{"/", "Search the list in view"},
		{"?", "This list"},
		{"Esc", "Close the top layer, or go back to the editor"},
	}
}
