#include "trainer/convnet/pooling.h"

#include <cstring>
#include <optional>

#include "trainer/convnet/onednn.h"
#include "trainer/convnet/tiles.h"

namespace millrace {
namespace {

using dnnl::memory;

BlockedShape output_of(const BlockedShape& input, std::int64_t kernel, std::int64_t stride,
                       std::int64_t pad) {
  const auto extent = [&](std::int64_t in) { return (in + 2 * pad - kernel) / stride + 1; };
  return {.count = input.count,
          .channels = input.channels,
          .height = extent(input.height),
          .width = extent(input.width)};
}

}  // namespace

struct MaxPool::Primitives {
  Primitives(const BlockedShape& input, std::int64_t kernel, std::int64_t stride, std::int64_t pad,
             bool training)
      : output(output_of(input, kernel, stride, pad)),
        choice({training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference,
                dnnl::algorithm::pooling_max, description(input), description(output),
                memory::dims{stride, stride}, memory::dims{kernel, kernel}, memory::dims{pad, pad},
                memory::dims{pad, pad}},
               onednn_engine()),
        forward(choice) {
    if (!training) return;
    positions = memory(choice.workspace_desc(), onednn_engine());
    backward_choice.emplace(
        dnnl::pooling_backward::desc(dnnl::algorithm::pooling_max, description(input),
                                     description(output), {stride, stride}, {kernel, kernel},
                                     {pad, pad}, {pad, pad}),
        onednn_engine(), choice);
    backward = dnnl::pooling_backward(*backward_choice);
  }

  BlockedShape output;
  dnnl::pooling_forward::primitive_desc choice;
  dnnl::pooling_forward forward;
  std::optional<dnnl::pooling_backward::primitive_desc> backward_choice;
  dnnl::pooling_backward backward;
  memory positions;  ///< where each window's largest value was
};

MaxPool::MaxPool(const BlockedShape& input, std::int64_t kernel, std::int64_t stride,
                 std::int64_t pad, bool training)
    : primitives_(std::make_unique<Primitives>(input, kernel, stride, pad, training)) {}
MaxPool::~MaxPool() = default;
MaxPool::MaxPool(MaxPool&&) noexcept = default;
MaxPool& MaxPool::operator=(MaxPool&&) noexcept = default;

const BlockedShape& MaxPool::output() const {
  return primitives_->output;
}

void MaxPool::forward(const float* x, float* y) {
  std::unordered_map<int, memory> arguments{
      {DNNL_ARG_SRC, view(primitives_->choice.src_desc(), x)},
      {DNNL_ARG_DST, view(primitives_->choice.dst_desc(), y)}};
  if (primitives_->backward_choice) arguments[DNNL_ARG_WORKSPACE] = primitives_->positions;
  primitives_->forward.execute(onednn_stream(), arguments);
}

void MaxPool::input_gradient(const float* dy, float* dx) const {
  primitives_->backward.execute(
      onednn_stream(),
      {{DNNL_ARG_DIFF_DST, view(primitives_->backward_choice->diff_dst_desc(), dy)},
       {DNNL_ARG_DIFF_SRC, view(primitives_->backward_choice->diff_src_desc(), dx)},
       {DNNL_ARG_WORKSPACE, primitives_->positions}});
}

void average_maps(const BlockedShape& shape, const float* x, float* y) {
  at::parallel_for(0, shape.count * shape.groups(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t map = begin; map < end; ++map) {
      const auto* pixels = reinterpret_cast<const Lanes*>(x) + map * shape.pixels();
      Lanes sum = {};
      for (std::int64_t p = 0; p < shape.pixels(); ++p) sum += pixels[p];
      sum /= static_cast<float>(shape.pixels());
      std::memcpy(y + map * kLanes, &sum, sizeof sum);
    }
  });
}

void average_maps_gradient(const BlockedShape& shape, const float* dy, float* dx) {
  at::parallel_for(0, shape.count * shape.groups(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t map = begin; map < end; ++map) {
      auto* pixels = reinterpret_cast<Lanes*>(dx) + map * shape.pixels();
      Lanes share;
      std::memcpy(&share, dy + map * kLanes, sizeof share);
      share /= static_cast<float>(shape.pixels());
      for (std::int64_t p = 0; p < shape.pixels(); ++p) pixels[p] = share;
    }
  });
}

}  // namespace millrace
