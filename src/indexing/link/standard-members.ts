// What members of the types that languages come with give: of the many, those that are often handed to overloads.

const STRING_RESULTS = {
  boolean: "contains contentEquals endsWith equals equalsIgnoreCase isBlank isEmpty matches startsWith",
  "byte[]": "getBytes",
  char: "charAt",
  "char[]": "toCharArray",
  int: "codePointAt compareTo compareToIgnoreCase indexOf lastIndexOf length",
  String:
    "concat format formatted intern join repeat replace replaceAll replaceFirst strip substring toLowerCase toUpperCase trim valueOf",
  "String[]": "split",
};
const COLLECTION_RESULTS = { boolean: "add contains containsAll containsKey isEmpty", int: "indexOf lastIndexOf size" };
const BUILDER_RESULTS = { char: "charAt", int: "capacity indexOf length", String: "substring" };

/** By type, what it gives and the methods that do. */
const RESULTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ArrayList: COLLECTION_RESULTS,
  Arrays: { int: "hashCode", List: "asList", Stream: "stream", String: "toString" },
  BigDecimal: { double: "doubleValue", int: "intValue" },
  Boolean: { boolean: "booleanValue parseBoolean", Boolean: "and not or xor" },
  Byte: { byte: "byteValue parseByte" },
  Character: {
    boolean: "isAlphabetic isDigit isJavaIdentifierPart isLetter isLetterOrDigit isLowerCase isUpperCase isWhitespace",
    char: "charValue",
    int: "charCount codePointAt getNumericValue",
  },
  CharSequence: STRING_RESULTS,
  Class: {
    boolean: "desiredAssertionStatus isAnnotation isArray isAssignableFrom isEnum isInstance isInterface isPrimitive",
    Class: "asSubclass componentType forName getComponentType getDeclaringClass getEnclosingClass getSuperclass",
    ClassLoader: "getClassLoader",
    "Class[]": "getInterfaces",
    Field: "getDeclaredField getField",
    InputStream: "getResourceAsStream",
    int: "getModifiers",
    Method: "getDeclaredMethod getMethod",
    String: "getCanonicalName getName getPackageName getSimpleName getTypeName",
    URL: "getResource",
  },
  Collection: COLLECTION_RESULTS,
  Collections: {
    List: "emptyList nCopies singletonList synchronizedList unmodifiableList",
    Map: "emptyMap singletonMap synchronizedMap unmodifiableMap",
    Set: "emptySet newSetFromMap singleton synchronizedSet unmodifiableSet",
    Collection: "unmodifiableCollection",
  },
  Constructor: { "Class[]": "getParameterTypes", int: "getParameterCount" },
  Double: { double: "doubleValue parseDouble" },
  Duration: { int: "getNano", long: "toDays toHours toMillis toMinutes toNanos toSeconds getSeconds" },
  Field: { Class: "getType getDeclaringClass", String: "getName", Type: "getGenericType" },
  File: {
    boolean: "exists isDirectory isFile",
    long: "length",
    Path: "toPath",
    String: "getName getPath getAbsolutePath",
  },
  Float: { float: "floatValue parseFloat" },
  Int: { Int: "and inv or shl shr ushr xor", Long: "toLong", String: "toString" },
  Integer: { int: "bitCount compare intValue parseInt" },
  List: COLLECTION_RESULTS,
  Long: { int: "compare", Int: "toInt", long: "longValue parseLong", Long: "and inv or shl shr ushr xor" },
  Map: { Collection: "values", Set: "entrySet keySet", boolean: "containsKey containsValue isEmpty", int: "size" },
  Method: {
    Class: "getDeclaringClass getReturnType",
    "Class[]": "getParameterTypes getExceptionTypes",
    int: "getParameterCount getModifiers",
    String: "getName",
    Type: "getGenericReturnType",
  },
  Objects: { boolean: "equals isNull nonNull", int: "hash hashCode", String: "toString" },
  Path: { File: "toFile" },
  Set: COLLECTION_RESULTS,
  Short: { short: "parseShort shortValue" },
  String: STRING_RESULTS,
  string: {
    bool: "Contains EndsWith Equals IsNullOrEmpty IsNullOrWhiteSpace StartsWith",
    "char[]": "ToCharArray",
    int: "CompareTo GetHashCode IndexOf IndexOfAny LastIndexOf",
    string:
      "Concat Format Insert Join PadLeft PadRight Remove Replace Substring ToLower ToLowerInvariant ToString ToUpper ToUpperInvariant Trim TrimEnd TrimStart",
    "string[]": "Split",
  },
  StringBuffer: { ...BUILDER_RESULTS, StringBuffer: "append delete deleteCharAt insert replace reverse" },
  StringBuilder: { ...BUILDER_RESULTS, StringBuilder: "append delete deleteCharAt insert replace reverse" },
  System: { int: "identityHashCode", long: "currentTimeMillis nanoTime", String: "getProperty getenv lineSeparator" },
  Thread: { ClassLoader: "getContextClassLoader", String: "getName", Thread: "currentThread" },
};

const BY_MEMBER = new Map(
  Object.entries(RESULTS).flatMap(([type, results]) =>
    Object.entries(results).flatMap(([result, names]) =>
      names.split(" ").map((name): [string, string] => [`${type}.${name}`, result]),
    ),
  ),
);

const LIST_MEMBERS =
  "Add AddRange AsReadOnly BinarySearch Clear Contains ConvertAll CopyTo EnsureCapacity Exists Find FindAll FindIndex FindLast FindLastIndex ForEach GetRange IndexOf Insert InsertRange LastIndexOf Remove RemoveAll RemoveAt RemoveRange Slice Sort ToArray TrimExcess TrueForAll";
const SET_MEMBERS =
  "Add Clear Contains CopyTo ExceptWith IntersectWith IsProperSubsetOf IsSubsetOf IsSupersetOf Overlaps Remove RemoveWhere SetEquals TryGetValue UnionWith";
const MAP_MEMBERS = "Add Clear ContainsKey ContainsValue Keys Remove TryAdd TryGetValue Values";

/** By C#'s collections, what they have whatever anyone adds. */
const OWN: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    Dictionary: MAP_MEMBERS,
    HashSet: SET_MEMBERS,
    ICollection: "Add Clear Contains CopyTo Remove",
    IDictionary: MAP_MEMBERS,
    IList: "Add Clear Contains CopyTo IndexOf Insert Remove RemoveAt",
    ISet: SET_MEMBERS,
    List: LIST_MEMBERS,
    Queue: "Clear Contains CopyTo Dequeue Enqueue Peek ToArray TryDequeue TryPeek",
    Stack: "Clear Contains CopyTo Peek Pop Push ToArray TryPeek TryPop",
  }).map(([type, names]) => [type, new Set(names.split(" "))]),
);

/** Whether a type of the language has the member itself. */
export function isStandardMember(type: string, member: string): boolean {
  return standardResult(`${type}.${member}`) !== undefined || OWN.get(type)?.has(member) === true;
}

/** Methods of classes that make one of their own: `Duration.ofSeconds(1)`, `BigInteger.valueOf(2)`. */
const MAKING = /^(?:compile|copyOf|from|getInstance|now|of|valueOf|of[A-Z]\w*)$/;
/** Classes of nothing but static methods: `Arrays`, `Collections`. */
const TOOLS = /s$/;

/** Name of the type of what a call of `Type.method` gives. */
export function standardResult(member: string | undefined): string | undefined {
  if (member === undefined) return undefined;
  const known = BY_MEMBER.get(member);
  if (known !== undefined) return known;
  const [type = "", method = ""] = member.split(".");
  return MAKING.test(method) && !TOOLS.test(type) ? type : undefined;
}

const NUMBERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    Byte: "byte",
    Character: "char",
    Double: "double",
    Float: "float",
    Integer: "int",
    Long: "long",
    Short: "short",
  }),
);

/** Name of the type of a field `Type.field`: of numbers' limits and of constants that are of their own type. */
export function standardField(member: string): string | undefined {
  const [type = "", field = ""] = member.split(".");
  if (field === "TYPE" || field === "class") return "Class";
  if (/^(?:M(?:AX|IN)_VALUE|NaN|(?:NEG|POS)ITIVE_INFINITY)$/.test(field)) return NUMBERS.get(type);
  return /^(?:TRUE|FALSE|ZERO|ONE|TEN|[A-Z]{2,})$/.test(field) && !TOOLS.test(type) && OWN_CONSTANTS.has(type)
    ? type
    : undefined;
}

const OWN_CONSTANTS = new Set("BigDecimal BigInteger Boolean Duration Locale TimeUnit ChronoUnit".split(" "));
