// Package text takes written language apart: words with their folded and stemmed
// forms, sentences, languages, word counts.
//
// It is pure: functions of their arguments, without state, files or network, safe
// for any number of goroutines. It knows languages and scripts, and nothing of
// topics, stories or readers; words of the product are defined elsewhere.
//
// It costs time proportional to its input. Words reads about 10 MB/s of English
// on one core, nearly all of it stemming; Fold 400 MB/s on ASCII; Language looks at
// the first 2,000 bytes only. A hostile input (a megabyte of one letter, of
// combining marks, of full stops) costs the same time per byte as prose.
package text
