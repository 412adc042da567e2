// First path segments of what `require` finds in Ruby's standard library and default gems (stdgems.org, 3.4).
export const RUBY_STANDARD_LIBRARY = new Set(
  (
    "English abbrev base64 benchmark bigdecimal bundler cgi coverage csv date dbm debug delegate did_you_mean digest drb " +
    "erb error_highlight etc expect fcntl fiber fiddle fileutils find forwardable getoptlong io ipaddr irb json logger " +
    "matrix minitest mkmf monitor mutex_m net nkf objspace observer open-uri open3 openssl optparse ostruct pathname " +
    "power_assert pp prettyprint prime prism pstore psych pty racc rake random rbconfig rdoc readline reline resolv " +
    "rexml rinda ripper rss rubygems securerandom set shellwords singleton socket stringio strscan syslog tempfile " +
    "test time timeout tmpdir tracer tsort un unicode_normalize uri weakref webrick win32ole yaml zlib"
  ).split(" "),
);

/** Classes and modules of Ruby itself and of its standard library (docs.ruby-lang.org, 3.4): a file that opens one adds to it. */
export const RUBY_CONSTANTS = new Set(
  (
    "ARGF ArgumentError Array BasicObject BasicSocket Benchmark BigDecimal Binding CGI CSV Class ClosedQueueError " +
    "Comparable Complex ConditionVariable CoverageError DRb Data Date DateTime Delegator Dir ENV EOFError ERB Encoding " +
    "EncodingError Enumerable Enumerator Errno Etc Exception FalseClass Fiber FiberError File FileTest FileUtils Find Float " +
    "FloatDomainError Forwardable FrozenError GC Gem Hash IO IOError IPAddr IndexError Integer Interrupt JSON Kernel KeyError " +
    "LoadError LocalJumpError Logger Marshal MatchData Math Matrix Method Module Monitor MonitorMixin Mutex NameError Net " +
    "NilClass NoMatchingPatternError NoMemoryError NoMethodError NotImplementedError Numeric Object ObjectSpace Observable " +
    "Open3 OpenSSL OpenStruct OptionParser Pathname Proc Process Psych Queue RDoc Ractor Random Range RangeError Rational " +
    "RbConfig Readline Refinement Regexp RegexpError Ripper RubyVM RuntimeError Script ScriptError SecureRandom SecurityError " +
    "Set Shellwords Signal SignalException SimpleDelegator Singleton SizedQueue Socket SocketError StandardError StopIteration " +
    "String StringIO StringScanner Struct Symbol SyntaxError SystemCallError SystemExit SystemStackError TCPServer TCPSocket TSort " +
    "Tempfile Thread ThreadError ThreadGroup Time Timeout TracePoint TrueClass TypeError UDPSocket UNIXServer UNIXSocket URI " +
    "UnboundMethod UncaughtThrowError Vector WIN32OLE Warning WeakRef YAML ZeroDivisionError Zlib"
  ).split(" "),
);
