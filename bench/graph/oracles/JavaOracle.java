// What javac says of a tree of sources, one line each, tab-separated:
//   F path                                       a file that was read
//   R path line name member path line            the name leads there; path "-" is outside the tree
// usage: java JavaOracle.java FOLDER SOURCE-ROOT... Classes that are not there leave gaps, not errors.
import com.sun.source.tree.*;
import com.sun.source.util.*;
import java.nio.file.*;
import java.util.*;
import java.util.stream.*;
import javax.lang.model.element.*;
import javax.lang.model.type.TypeKind;
import javax.tools.*;

public class JavaOracle {
  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0]).toRealPath();
    List<Path> files = new ArrayList<>();
    for (int i = 1; i < arguments.length; i++)
      try (Stream<Path> found = Files.walk(root.resolve(arguments[i]))) {
        found.filter(path -> path.toString().endsWith(".java") && !path.endsWith("module-info.java") && !path.endsWith("package-info.java")).forEach(files::add);
      }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null);
    JavacTask task = (JavacTask) compiler.getTask(null, manager, problem -> {},
        List.of("-proc:none", "-Xmaxerrs", "100000", "--should-stop=ifError=FLOW"), null, manager.getJavaFileObjectsFromPaths(files));
    Trees trees = Trees.instance(task);
    List<CompilationUnitTree> units = new ArrayList<>();
    task.parse().forEach(units::add);
    task.analyze();
    StringBuilder out = new StringBuilder();
    for (CompilationUnitTree unit : units) {
      String path = name(root, unit);
      LineMap lines = unit.getLineMap();
      out.append("F\t").append(path).append('\n');
      new TreePathScanner<Void, Void>() {
        @Override public Void visitIdentifier(IdentifierTree node, Void none) {
          long at = trees.getSourcePositions().getStartPosition(unit, node);
          report(node.getName().toString(), at, false);
          return super.visitIdentifier(node, none);
        }
        @Override public Void visitMemberSelect(MemberSelectTree node, Void none) {
          long at = trees.getSourcePositions().getEndPosition(unit, node) - node.getIdentifier().length();
          report(node.getIdentifier().toString(), at, true);
          return super.visitMemberSelect(node, none);
        }
        @Override public Void visitMemberReference(MemberReferenceTree node, Void none) {
          long at = trees.getSourcePositions().getEndPosition(unit, node) - node.getName().length();
          report(node.getName().toString(), at, true);
          return super.visitMemberReference(node, none);
        }
        private void report(String name, long at, boolean selected) {
          Element element = trees.getElement(getCurrentPath());
          if (at < 0 || element == null || element.asType().getKind() == TypeKind.ERROR) return;
          switch (element.getKind()) {
            case PACKAGE, LOCAL_VARIABLE, PARAMETER, EXCEPTION_PARAMETER, RESOURCE_VARIABLE, BINDING_VARIABLE, TYPE_PARAMETER, OTHER: return;
            default:
          }
          if (name.equals("this") || name.equals("super") || name.equals("class")) return;
          boolean member = selected && !element.getKind().isClass() && !element.getKind().isInterface();
          TreePath declaration = trees.getPath(element);
          String target = "-";
          long line = 0;
          if (declaration != null) {
            CompilationUnitTree other = declaration.getCompilationUnit();
            target = name(root, other);
            line = other.getLineMap().getLineNumber(nameOf(declaration, element));
          }
          out.append(String.join("\t", "R", path, "" + lines.getLineNumber(at), name, member ? "1" : "0", target, "" + line)).append('\n');
        }
        /** Where the name stands, behind annotations and modifiers. */
        private long nameOf(TreePath declaration, Element element) {
          CompilationUnitTree other = declaration.getCompilationUnit();
          long start = trees.getSourcePositions().getStartPosition(other, declaration.getLeaf());
          try {
            String text = other.getSourceFile().getCharContent(true).toString();
            ModifiersTree modifiers = declaration.getLeaf() instanceof ClassTree type ? type.getModifiers()
                : declaration.getLeaf() instanceof MethodTree method ? method.getModifiers()
                : declaration.getLeaf() instanceof VariableTree variable ? variable.getModifiers() : null;
            long behind = modifiers == null ? -1 : trees.getSourcePositions().getEndPosition(other, modifiers);
            String name = element.getKind() == ElementKind.CONSTRUCTOR ? element.getEnclosingElement().getSimpleName().toString() : element.getSimpleName().toString();
            java.util.regex.Matcher found = java.util.regex.Pattern.compile("\\b" + java.util.regex.Pattern.quote(name) + "\\b").matcher(text);
            return found.find((int) Math.max(start, behind)) ? found.start() : start;
          } catch (java.io.IOException error) {
            return start;
          }
        }
      }.scan(unit, null);
    }
    System.out.print(out);
  }

  private static String name(Path root, CompilationUnitTree unit) {
    return root.relativize(Path.of(unit.getSourceFile().toUri())).toString();
  }
}
