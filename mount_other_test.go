//go:build !linux

package main

import "github.com/rogpeppe/go-internal/testscript"

func mayMount() bool { return false }

func mountTmpfs(ts *testscript.TestScript, neg bool, args []string) { ts.Fatalf("only on Linux") }

func remountReadOnly(ts *testscript.TestScript, neg bool, args []string) { ts.Fatalf("only on Linux") }
