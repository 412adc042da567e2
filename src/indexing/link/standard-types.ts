// What overloads need to know of the types that Java, Kotlin, Scala and C# come with: which can be handed as which.

const NUMBER_BASES = ["Number", "Comparable"];

/** What a type is as well, beyond any object. Of others nobody knows. */
export const STANDARD_BASES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    AbstractList: ["List"],
    AbstractMap: ["Map"],
    AbstractSet: ["Set"],
    Appendable: [],
    ArrayDeque: ["Deque"],
    ArrayList: ["List", "RandomAccess"],
    AutoCloseable: [],
    BigDecimal: NUMBER_BASES,
    BigInteger: NUMBER_BASES,
    Boolean: ["Comparable", "Serializable"],
    Byte: NUMBER_BASES,
    Calendar: ["Comparable"],
    Character: ["Comparable", "Serializable"],
    CharSequence: [],
    Class: ["Type", "AnnotatedElement", "GenericDeclaration"],
    Cloneable: [],
    Closeable: ["AutoCloseable"],
    Collection: ["Iterable"],
    Comparable: [],
    Constructor: ["Executable"],
    Date: ["Comparable"],
    Deque: ["Queue"],
    Double: NUMBER_BASES,
    Duration: ["TemporalAmount", "Comparable"],
    Error: ["Throwable"],
    Exception: ["Throwable"],
    Executable: ["AccessibleObject", "Member", "GenericDeclaration"],
    AccessibleObject: ["AnnotatedElement"],
    AnnotatedElement: [],
    Field: ["AccessibleObject", "Member"],
    File: ["Comparable"],
    Float: NUMBER_BASES,
    GenericDeclaration: ["AnnotatedElement"],
    GregorianCalendar: ["Calendar"],
    HashMap: ["Map"],
    HashSet: ["Set", "ICollection"],
    Dictionary: ["IDictionary", "IReadOnlyDictionary"],
    ICollection: ["IEnumerable"],
    IDictionary: ["ICollection"],
    IEnumerable: [],
    IList: ["ICollection"],
    IReadOnlyCollection: ["IEnumerable"],
    IReadOnlyDictionary: ["IReadOnlyCollection"],
    IReadOnlyList: ["IReadOnlyCollection"],
    InputStream: ["Closeable"],
    Integer: NUMBER_BASES,
    Iterable: [],
    Iterator: [],
    LinkedHashMap: ["HashMap"],
    LinkedHashSet: ["HashSet"],
    LinkedList: ["List", "Deque"],
    List: ["Collection", "IList", "IReadOnlyList"],
    Locale: [],
    MutableList: ["List"],
    MutableMap: ["Map"],
    MutableSet: ["Set"],
    Long: NUMBER_BASES,
    Map: [],
    Member: [],
    Method: ["Executable"],
    Number: ["Serializable"],
    Object: [],
    Optional: [],
    OutputStream: ["Closeable"],
    Path: ["Iterable", "Comparable"],
    Pattern: [],
    Queue: ["Collection"],
    RandomAccess: [],
    Reader: ["Closeable", "Readable"],
    Readable: [],
    RuntimeException: ["Exception"],
    Serializable: [],
    Set: ["Collection"],
    Short: NUMBER_BASES,
    SortedMap: ["Map"],
    SortedSet: ["Set"],
    String: ["CharSequence", "Comparable", "Serializable"],
    StringBuffer: ["CharSequence", "Appendable"],
    StringBuilder: ["CharSequence", "Appendable"],
    StringReader: ["Reader"],
    StringWriter: ["Writer"],
    TemporalAmount: [],
    Thread: ["Runnable"],
    Throwable: ["Serializable"],
    TimeZone: [],
    TreeMap: ["SortedMap"],
    TreeSet: ["SortedSet"],
    Type: [],
    URI: ["Comparable"],
    URL: [],
    UUID: ["Comparable"],
    Vector: ["List"],
    Writer: ["Appendable", "Closeable"],
  }),
);

/** Java's and C#'s primitive types, and what their values can be handed as, nearest first. */
export const PRIMITIVE_WIDER: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    bool: [],
    boolean: [],
    byte: ["short", "ushort", "int", "uint", "long", "ulong", "float", "double", "decimal"],
    char: ["ushort", "int", "uint", "long", "ulong", "float", "double", "decimal"],
    decimal: [],
    double: [],
    float: ["double"],
    // Kotlin's literals are whatever is asked for.
    Int: ["Long", "Short", "Byte", "UInt", "ULong", "UByte", "UShort", "Float", "Double"],
    int: ["long", "float", "double", "decimal"],
    long: ["float", "double", "decimal"],
    sbyte: ["short", "int", "long", "float", "double", "decimal"],
    short: ["int", "long", "float", "double", "decimal"],
    uint: ["long", "ulong", "float", "double", "decimal"],
    ulong: ["float", "double", "decimal"],
    ushort: ["int", "uint", "long", "ulong", "float", "double", "decimal"],
  }),
);

/** Java's objects of primitive types. */
export const WRAPPED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    boolean: "Boolean",
    byte: "Byte",
    char: "Character",
    double: "Double",
    float: "Float",
    int: "Integer",
    long: "Long",
    short: "Short",
  }),
);

/** By the name of the object, the primitive type. */
export const UNWRAPPED: ReadonlyMap<string, string> = new Map([...WRAPPED].map(([plain, object]) => [object, plain]));

const HEIGHT_MAX = 12;

/**
 * All that a type of the language, its library or a package can be handed as, as far as that is known, each with how far up
 * it is; itself first. `isOpen`: there may be more.
 */
export function standardNames(name: string): { names: Map<string, number>; isOpen: boolean } {
  const names = new Map<string, number>();
  let isOpen = false;
  let level: readonly string[] = [name];
  for (let height = 0; level.length > 0 && height < HEIGHT_MAX; height++) {
    const above: string[] = [];
    for (const one of level) {
      if (names.has(one)) continue;
      names.set(one, height);
      if (PRIMITIVE_WIDER.has(one)) continue;
      const bases = STANDARD_BASES.get(one);
      if (bases) above.push(...bases);
      else isOpen = true;
    }
    level = above;
  }
  return { names, isOpen };
}

export function isReference(type: string): boolean {
  return !PRIMITIVE_WIDER.has(type);
}

/** How many parameters a function has that stands for one of Java's functional interfaces. */
export const FUNCTION_PARAMETERS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    BiConsumer: 2,
    BiFunction: 2,
    BiPredicate: 2,
    BinaryOperator: 2,
    BooleanSupplier: 0,
    Callable: 0,
    Comparator: 2,
    Consumer: 1,
    Function: 1,
    IntFunction: 1,
    IntPredicate: 1,
    Predicate: 1,
    Runnable: 0,
    Supplier: 0,
    ToDoubleFunction: 1,
    ToIntFunction: 1,
    ToLongFunction: 1,
    UnaryOperator: 1,
  }),
);
