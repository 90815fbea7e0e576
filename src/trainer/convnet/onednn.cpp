#include "trainer/convnet/onednn.h"

namespace millrace {

dnnl::engine& onednn_engine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& onednn_stream() {
  static dnnl::stream stream(onednn_engine());
  return stream;
}

dnnl::memory::desc description(const BlockedShape& shape) {
  return {{shape.count, shape.channels, shape.height, shape.width},
          dnnl::memory::data_type::f32,
          shape.blocked() ? dnnl::memory::format_tag::nChw16c : dnnl::memory::format_tag::nchw};
}

dnnl::memory view(const dnnl::memory::desc& description, const void* data) {
  return {description, onednn_engine(), const_cast<void*>(data)};
}

bool runs_blocked() {
  const auto isa = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  const auto needed = static_cast<unsigned>(dnnl::cpu_isa::avx512_core);
  return (isa & needed) == needed;
}

}  // namespace millrace
