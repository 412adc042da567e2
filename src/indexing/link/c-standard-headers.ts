// Headers of C23, C++23 and POSIX.1-2024, and the common ones of Linux, Windows and compilers.
export const C_STANDARD_HEADERS = new Set([
  ...(
    "assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic " +
    "stdbit stdbool stdckdint stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype " +
    "aio cpio dirent dlfcn endian fcntl fmtmsg fnmatch ftw glob grp iconv langinfo libgen libintl monetary mqueue ndbm " +
    "netdb nl_types poll pthread pwd regex sched search semaphore spawn strings stropts syslog tar termios trace ulimit " +
    "unistd utime utmpx wordexp sys/ipc sys/mman sys/msg sys/resource sys/select sys/sem sys/shm sys/socket sys/stat " +
    "sys/statvfs sys/time sys/times sys/types sys/uio sys/un sys/utsname sys/wait net/if netinet/in netinet/tcp arpa/inet " +
    "alloca malloc memory features getopt execinfo ucontext byteswap sys/param sys/ioctl sys/epoll sys/eventfd sys/file " +
    "sys/inotify sys/prctl sys/sysctl sys/syscall sys/sysinfo sys/sendfile sys/timerfd sys/event sys/auxv sys/user " +
    "linux/version windows winsock2 ws2tcpip io direct process conio tchar winternl dbghelp shlobj " +
    "immintrin emmintrin xmmintrin nmmintrin smmintrin tmmintrin wmmintrin x86intrin arm_neon intrin cpuid varargs"
  )
    .split(" ")
    .map((name) => `${name}.h`),
  ..."algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution expected filesystem flat_map flat_set format forward_list fstream functional future generator initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map mdspan memory memory_resource mutex new numbers numeric optional ostream print queue random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location span spanstream sstream stack stacktrace stdexcept stdfloat stop_token streambuf string string_view strstream syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant vector version cxxabi.h".split(
    " ",
  ),
]);
