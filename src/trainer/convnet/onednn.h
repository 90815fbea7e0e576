#pragma once

#include <dnnl.hpp>

#include "trainer/convnet/blocked.h"

namespace millrace {

/// The process's one engine and stream: oneDNN computes on OpenMP's threads, as libtorch does.
dnnl::engine& onednn_engine();
dnnl::stream& onednn_stream();

/// The description of a BlockedShape.
dnnl::memory::desc description(const BlockedShape& shape);

/// A view of floats; oneDNN's interface takes no const.
dnnl::memory view(const dnnl::memory::desc& description, const void* data);

}  // namespace millrace
