// What Go's own type checker says of a module, one line each, tab-separated:
//   F path                                       a file that was checked
//   E from to                                    it imports the package that the other file is of
//   R path line name member path line            the name leads there; path "-" is outside the module
// usage: go run go-oracle.go FOLDER. Packages of other modules need not be there: what depends on them is left out.
package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	root, module string
	fset         = token.NewFileSet()
	standard     = importer.ForCompiler(fset, "source", nil)
	checked      = map[string]*types.Package{}
	out          = bufio.NewWriter(os.Stdout)
)

type modules struct{}

func (modules) Import(path string) (*types.Package, error) {
	if path == module || strings.HasPrefix(path, module+"/") {
		return check(filepath.Join(root, strings.TrimPrefix(path, module)), path), nil
	}
	if strings.Contains(strings.Split(path, "/")[0], ".") {
		return nil, fmt.Errorf("%s is not here", path)
	}
	return standard.Import(path)
}

func relative(path string) string {
	if name, err := filepath.Rel(root, path); err == nil && !strings.HasPrefix(name, "..") {
		return filepath.ToSlash(name)
	}
	return "-"
}

func parse(dir string, names []string) (files []*ast.File) {
	for _, name := range names {
		if file, _ := parser.ParseFile(fset, filepath.Join(dir, name), nil, 0); file != nil {
			files = append(files, file)
		}
	}
	return
}

func check(dir, path string) *types.Package {
	if known, ok := checked[path]; ok {
		return known
	}
	checked[path] = types.NewPackage(path, filepath.Base(path))
	if found, _ := build.ImportDir(dir, 0); found != nil {
		checked[path] = checkFiles(path, parse(dir, found.GoFiles), false)
	}
	return checked[path]
}

func checkFiles(path string, files []*ast.File, report bool) *types.Package {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{}}
	config := types.Config{Importer: modules{}, Error: func(error) {}, FakeImportC: true}
	pkg, _ := config.Check(path, fset, files, info)
	if !report {
		return pkg
	}
	members := map[*ast.Ident]bool{}
	for selector := range info.Selections {
		members[selector.Sel] = true
	}
	for _, file := range files {
		for _, spec := range file.Imports {
			imported := strings.Trim(spec.Path.Value, `"`)
			if imported != module && !strings.HasPrefix(imported, module+"/") {
				continue
			}
			dir := filepath.Join(root, strings.TrimPrefix(imported, module))
			if found, _ := build.ImportDir(dir, 0); found != nil {
				for _, name := range found.GoFiles {
					fmt.Fprintf(out, "E\t%s\t%s\n", relative(fset.Position(file.Pos()).Filename), relative(filepath.Join(dir, name)))
				}
			}
		}
	}
	for name, object := range info.Uses {
		if _, isPackage := object.(*types.PkgName); isPackage {
			continue
		}
		// Variables of functions are nobody else's.
		if object.Parent() != nil && object.Pkg() != nil && object.Parent() != object.Pkg().Scope() {
			continue
		}
		at, to := fset.Position(name.Pos()), fset.Position(object.Pos())
		target := "-"
		if object.Pkg() != nil && object.Pos().IsValid() {
			target = relative(to.Filename)
		}
		member := 0
		if members[name] || isField(object) {
			member = 1
		}
		fmt.Fprintf(out, "R\t%s\t%d\t%s\t%d\t%s\t%d\n", relative(at.Filename), at.Line, name.Name, member, target, to.Line)
	}
	return pkg
}

func isField(object types.Object) bool {
	variable, ok := object.(*types.Var)
	return ok && variable.IsField()
}

func main() {
	root, _ = filepath.Abs(os.Args[1])
	manifest, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		panic(err)
	}
	module = regexp.MustCompile(`(?m)^module\s+"?([^\s"]+)`).FindStringSubmatch(string(manifest))[1]
	filepath.Walk(root, func(dir string, info os.FileInfo, err error) error {
		if err != nil || !info.IsDir() {
			return nil
		}
		if name := info.Name(); dir != root && (strings.HasPrefix(name, ".") || name == "vendor" || name == "testdata") {
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && dir != root {
			return filepath.SkipDir
		}
		found, _ := build.ImportDir(dir, 0)
		if found == nil {
			return nil
		}
		path := strings.TrimSuffix(module+"/"+relative(dir), "/.")
		for _, name := range append(append(append([]string{}, found.GoFiles...), found.TestGoFiles...), found.XTestGoFiles...) {
			fmt.Fprintf(out, "F\t%s\n", relative(filepath.Join(dir, name)))
		}
		checkFiles(path, parse(dir, append(append([]string{}, found.GoFiles...), found.TestGoFiles...)), true)
		if len(found.XTestGoFiles) > 0 {
			checkFiles(path+"_test", parse(dir, found.XTestGoFiles), true)
		}
		return nil
	})
	out.Flush()
}
