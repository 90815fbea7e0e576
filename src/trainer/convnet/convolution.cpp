#include "trainer/convnet/convolution.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "trainer/convnet/onednn.h"

namespace millrace {
namespace {

using dnnl::algorithm;
using dnnl::memory;

BlockedShape output_of(const ConvolutionSettings& s) {
  const auto extent = [&](std::int64_t in) { return (in + 2 * s.pad - s.kernel) / s.stride + 1; };
  return {.count = s.input.count,
          .channels = s.filters,
          .height = extent(s.input.height),
          .width = extent(s.input.width)};
}

memory::desc weights_as(const ConvolutionSettings& s, memory::format_tag order) {
  return {{s.filters, s.input.channels, s.kernel, s.kernel}, memory::data_type::f32, order};
}

dnnl::primitive_attr caller_lends_workspace() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

/// What oneDNN has chosen for a convolution and its gradients.
struct Choice {
  dnnl::convolution_forward::primitive_desc forward;
  std::optional<dnnl::convolution_backward_data::primitive_desc> input_gradient;
  std::optional<dnnl::convolution_backward_weights::primitive_desc> weight_gradient;
};

Choice choose(const ConvolutionSettings& s, algorithm how) {
  const memory::desc x = description(s.input), y = description(output_of(s)),
                     w = weights_as(s, memory::format_tag::any);
  const memory::dims strides{s.stride, s.stride}, pads{s.pad, s.pad};
  const dnnl::primitive_attr attributes = caller_lends_workspace();
  dnnl::engine& engine = onednn_engine();
  Choice choice{.forward = {{s.training ? dnnl::prop_kind::forward_training
                                        : dnnl::prop_kind::forward_inference,
                             how, x, w, y, strides, pads, pads},
                            attributes,
                            engine},
                .input_gradient = {},
                .weight_gradient = {}};
  if (!s.training) return choice;
  // Nobody asks for the gradient of a network's input.
  if (s.input.blocked())
    choice.input_gradient.emplace(
        dnnl::convolution_backward_data::desc(how, x, w, y, strides, pads, pads), attributes,
        engine, choice.forward);
  choice.weight_gradient.emplace(
      dnnl::convolution_backward_weights::desc(how, x, w, y, strides, pads, pads), attributes,
      engine, choice.forward);
  return choice;
}

Choice fastest(const ConvolutionSettings& s) {
  if (s.kernel == 3 && s.stride == 1 && s.input.blocked()) {
    try {
      return choose(s, algorithm::convolution_winograd);
    } catch (const dnnl::error&) {
      // Not for this shape.
    }
  }
  return choose(s, algorithm::convolution_direct);
}

}  // namespace

struct Convolution::Primitives {
  explicit Primitives(const ConvolutionSettings& settings)
      : input(settings.input),
        output(output_of(settings)),
        choice(fastest(settings)),
        plain(weights_as(settings, memory::format_tag::oihw)),
        forward(choice.forward),
        forward_weights(choice.forward.weights_desc(), onednn_engine()) {
    if (choice.input_gradient) {
      input_gradient = dnnl::convolution_backward_data(*choice.input_gradient);
      backward_weights = memory(choice.input_gradient->weights_desc(), onednn_engine());
    }
    if (choice.weight_gradient) {
      weight_gradient = dnnl::convolution_backward_weights(*choice.weight_gradient);
      gradient = memory(choice.weight_gradient->diff_weights_desc(), onednn_engine());
    }
  }

  void copy(const memory& from, const memory& to) const {
    memory source = from, target = to;
    dnnl::reorder(source, target).execute(onednn_stream(), source, target);
  }

  BlockedShape input, output;
  Choice choice;
  memory::desc plain;
  dnnl::convolution_forward forward;
  dnnl::convolution_backward_data input_gradient;
  dnnl::convolution_backward_weights weight_gradient;
  memory forward_weights, backward_weights, gradient;
};

Convolution::Convolution(const ConvolutionSettings& settings)
    : primitives_(std::make_unique<Primitives>(settings)) {}
Convolution::~Convolution() = default;
Convolution::Convolution(Convolution&&) noexcept = default;
Convolution& Convolution::operator=(Convolution&&) noexcept = default;

const BlockedShape& Convolution::input() const {
  return primitives_->input;
}
const BlockedShape& Convolution::output() const {
  return primitives_->output;
}

std::size_t Convolution::workspace_bytes() const {
  const Choice& choice = primitives_->choice;
  std::size_t bytes = choice.forward.scratchpad_desc().get_size();
  if (choice.input_gradient)
    bytes = std::max(bytes, choice.input_gradient->scratchpad_desc().get_size());
  if (choice.weight_gradient)
    bytes = std::max(bytes, choice.weight_gradient->scratchpad_desc().get_size());
  return bytes;
}

void Convolution::set_weights(const float* weights) {
  const memory plain = view(primitives_->plain, weights);
  primitives_->copy(plain, primitives_->forward_weights);
  if (primitives_->choice.input_gradient) primitives_->copy(plain, primitives_->backward_weights);
}

void Convolution::forward(const float* x, float* y, void* workspace) const {
  const auto& choice = primitives_->choice.forward;
  primitives_->forward.execute(onednn_stream(),
                               {{DNNL_ARG_SRC, view(choice.src_desc(), x)},
                                {DNNL_ARG_WEIGHTS, primitives_->forward_weights},
                                {DNNL_ARG_DST, view(choice.dst_desc(), y)},
                                {DNNL_ARG_SCRATCHPAD, view(choice.scratchpad_desc(), workspace)}});
}

void Convolution::input_gradient(const float* dy, float* dx, void* workspace) const {
  const auto& choice = *primitives_->choice.input_gradient;
  primitives_->input_gradient.execute(
      onednn_stream(), {{DNNL_ARG_DIFF_DST, view(choice.diff_dst_desc(), dy)},
                        {DNNL_ARG_WEIGHTS, primitives_->backward_weights},
                        {DNNL_ARG_DIFF_SRC, view(choice.diff_src_desc(), dx)},
                        {DNNL_ARG_SCRATCHPAD, view(choice.scratchpad_desc(), workspace)}});
}

void Convolution::weight_gradient(const float* x, const float* dy, float* dw, void* workspace) {
  const auto& choice = *primitives_->choice.weight_gradient;
  primitives_->weight_gradient.execute(
      onednn_stream(), {{DNNL_ARG_SRC, view(choice.src_desc(), x)},
                        {DNNL_ARG_DIFF_DST, view(choice.diff_dst_desc(), dy)},
                        {DNNL_ARG_DIFF_WEIGHTS, primitives_->gradient},
                        {DNNL_ARG_SCRATCHPAD, view(choice.scratchpad_desc(), workspace)}});
  primitives_->copy(primitives_->gradient, view(primitives_->plain, dw));
}

}  // namespace millrace
