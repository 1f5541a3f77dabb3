package digest

func Summarize(title string, articles []Article, words int) []string { return nil }
