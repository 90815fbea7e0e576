#pragma once

// Loops that are written for the compiler's vectoriser: each function is compiled for several
// levels of x86-64 and chosen at load by the CPU's features (a named model would leave out every
// other one).
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define MILLRACE_FOR_EACH_CPU \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MILLRACE_FOR_EACH_CPU
#endif
