<?php
// What nikic's PHP-Parser and PHP's rules for names say of a tree of PHP, one line each, tab-separated, as bench/graph-oracles.ts reads it:
//   F path                                       a file that was read
//   R path line name member path line            the name leads there; path "-" is outside the tree
// Classes, functions and constants by whole names; static members and those of $this where the class or what it extends,
// implements or uses declares them. Other members need types and are left out.
// usage: php php-oracle.php FOLDER [SUBFOLDER...] with Debian's php-cli and php-parser.
require_once '/usr/share/php/PhpParser/autoload.php';

use PhpParser\{Node, NodeTraverser, NodeVisitor, NodeVisitorAbstract, ParserFactory};

[$root, $types, $functions, $trees] = [realpath($argv[1]), [], [], []];
$parser = (new ParserFactory())->create(ParserFactory::PREFER_PHP7);
foreach (array_slice($argv, 2) ?: ['.'] as $folder) {
    $found = new RecursiveIteratorIterator(new RecursiveDirectoryIterator("$root/$folder", FilesystemIterator::SKIP_DOTS));
    foreach ($found as $file) {
        if ($file->getExtension() !== 'php') continue;
        $path = substr(realpath($file->getPathname()), strlen($root) + 1);
        try {
            $tree = $parser->parse(file_get_contents($file->getPathname()));
        } catch (PhpParser\Error $error) {
            continue;
        }
        $traverser = new NodeTraverser();
        $traverser->addVisitor(new NodeVisitor\NameResolver(null, ['preserveOriginalNames' => true]));
        $trees[$path] = $traverser->traverse($tree);
    }
}

/** Collects declarations by whole name, in small letters. A name that is declared twice leads to any of them. */
class Declarations extends NodeVisitorAbstract {
    public function __construct(private string $path) {}
    public function enterNode(Node $node) {
        global $types, $functions;
        if ($node instanceof Node\Stmt\ClassLike && $node->name) {
            $type = ['at' => [$this->path, $node->name->getStartLine()], 'members' => [], 'bases' => []];
            foreach ($node->stmts as $one) {
                if ($one instanceof Node\Stmt\ClassMethod) {
                    $type['members']['m' . strtolower($one->name)] = $one->name->getStartLine();
                    foreach ($one->params as $parameter)
                        if ($parameter->flags) $type['members']['p' . $parameter->var->name] = $parameter->getStartLine();
                }
                if ($one instanceof Node\Stmt\Property) foreach ($one->props as $each) $type['members']["p{$each->name}"] = $each->getStartLine();
                if ($one instanceof Node\Stmt\ClassConst) foreach ($one->consts as $each) $type['members']["c{$each->name}"] = $each->getStartLine();
                if ($one instanceof Node\Stmt\EnumCase) $type['members']["c{$one->name}"] = $one->getStartLine();
                if ($one instanceof Node\Stmt\TraitUse) array_push($type['bases'], ...$one->traits);
            }
            $extends = $node->extends ?? [];
            array_push($type['bases'], ...(is_array($extends) ? $extends : [$extends]), ...($node->implements ?? []));
            $types[strtolower($node->namespacedName)][] = $type;
        }
        if ($node instanceof Node\Stmt\Function_) $functions[strtolower($node->namespacedName)][] = [$this->path, $node->name->getStartLine()];
    }
}

/** @return array{string, int}[] */
function members(string $class, string $key, int $depth = 0): array {
    global $types;
    $found = [];
    if ($depth > 20) return [];
    foreach ($types[strtolower($class)] ?? [] as $type) {
        if (isset($type['members'][$key])) $found[] = [$type['at'][0], $type['members'][$key]];
        else foreach ($type['bases'] as $base) if ($more = members("$base", $key, $depth + 1)) { array_push($found, ...$more); break; }
    }
    return $found;
}

class References extends NodeVisitorAbstract {
    private array $classes = [];
    public function __construct(private string $path) {}
    public function enterNode(Node $node) {
        global $types, $functions;
        if ($node instanceof Node\Stmt\ClassLike) $this->classes[] = $node;
        if ($node instanceof Node\Stmt\Use_ || $node instanceof Node\Stmt\GroupUse) return NodeTraverser::DONT_TRAVERSE_CHILDREN;
        if ($node instanceof Node\Expr\FuncCall && $node->name instanceof Node\Name) {
            $written = $node->name;
            $whole = strtolower($written->getAttribute('namespacedName') ?? $written);
            $this->report($written, $written->getLast(), 0, $functions[$whole] ?? $functions[strtolower($written)] ?? [null]);
            $written->setAttribute('isDone', true);
        }
        if ($node instanceof Node\Expr\ConstFetch) $node->name->setAttribute('isDone', true);
        if ($node instanceof Node\Name\FullyQualified && !$node->getAttribute('isDone') && !$node->isSpecialClassName()) {
            $written = $node->getAttribute('originalName') ?? $node;
            $this->report($node, $written->getLast(), 0, array_column($types[strtolower($node)] ?? [], 'at') ?: [null]);
        }
        if (!property_exists($node, 'name') || !$node->name instanceof Node\Identifier && !$node->name instanceof Node\VarLikeIdentifier) return;
        $key = match (true) {
            $node instanceof Node\Expr\MethodCall, $node instanceof Node\Expr\StaticCall => 'm' . strtolower($node->name),
            $node instanceof Node\Expr\PropertyFetch, $node instanceof Node\Expr\StaticPropertyFetch => "p{$node->name}",
            $node instanceof Node\Expr\ClassConstFetch => "c{$node->name}",
            default => null,
        };
        if ($key === null || $key === 'cclass') return;
        $of = $node->class ?? $node->var;
        $own = end($this->classes);
        $isThis = $of instanceof Node\Expr\Variable && $of->name === 'this' || $of instanceof Node\Name && in_array(strtolower($of), ['self', 'static']);
        $class = $isThis ? ($own && $own->name ? (string) $own->namespacedName : null) : ($of instanceof Node\Name\FullyQualified ? (string) $of : null);
        if ($of instanceof Node\Name && strtolower($of) === 'parent') $class = $own && ($own->extends ?? null) instanceof Node\Name ? (string) $own->extends : null;
        if ($class !== null && ($found = members($class, $key))) $this->report($node->name, (string) $node->name, 1, $found);
    }
    public function leaveNode(Node $node) {
        if ($node instanceof Node\Stmt\ClassLike) array_pop($this->classes);
    }
    private function report(Node $at, string $name, int $member, array $targets): void {
        foreach ($targets as $to) echo implode("\t", ['R', $this->path, $at->getStartLine(), $name, $member, $to[0] ?? '-', $to[1] ?? 0]), "\n";
    }
}

foreach ([Declarations::class, References::class] as $visitor)
    foreach ($trees as $path => $tree) {
        if ($visitor === References::class) echo "F\t$path\n";
        $traverser = new NodeTraverser();
        $traverser->addVisitor(new $visitor($path));
        $traverser->traverse($tree);
    }
