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
