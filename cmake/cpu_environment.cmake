# Debian's OpenBLAS does not recognise newer CPUs and libtorch defaults to AVX2 kernels; both read
# their choice from the environment when they load. Tests get the same values as jobs do
# (src/core/contract/cpu_environment.h).
set(MILLRACE_CPU_ENVIRONMENT "OMP_NUM_THREADS=2")
if(EXISTS /proc/cpuinfo)
  file(READ /proc/cpuinfo MILLRACE_CPUINFO LIMIT 8192)
  if(MILLRACE_CPUINFO MATCHES "avx512f")
    list(APPEND MILLRACE_CPU_ENVIRONMENT "OPENBLAS_CORETYPE=SKYLAKEX" "ATEN_CPU_CAPABILITY=avx512")
  elseif(MILLRACE_CPUINFO MATCHES "avx2")
    list(APPEND MILLRACE_CPU_ENVIRONMENT "OPENBLAS_CORETYPE=HASWELL" "ATEN_CPU_CAPABILITY=avx2")
  endif()
endif()
