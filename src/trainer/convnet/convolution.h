#pragma once

#include <cstddef>
#include <memory>

#include "trainer/convnet/blocked.h"

namespace millrace {

struct ConvolutionSettings {
  BlockedShape input;
  std::int64_t filters = 0;  ///< a multiple of 16
  std::int64_t kernel = 1;   ///< square
  std::int64_t stride = 1;
  std::int64_t pad = 0;
  bool training = false;  ///< gradients will be asked for
};

/// One convolution without bias over blocked maps. 3 x 3 with stride 1 goes by Winograd's minimal
/// filtering F(4 x 4, 3 x 3), which multiplies a quarter as often and rounds a little more: about
/// 1e-5 of the largest value instead of 1e-6. Source: Lavin and Gray, "Fast Algorithms for
/// Convolutional Neural Networks", CVPR 2016; oneDNN 2.6.
///
/// Every call takes a workspace of workspace_bytes(), 64-byte aligned, whose content does not
/// matter; convolutions that run one after another may share it.
class Convolution {
 public:
  explicit Convolution(const ConvolutionSettings& settings);
  ~Convolution();
  Convolution(Convolution&&) noexcept;
  Convolution& operator=(Convolution&&) noexcept;

  [[nodiscard]] const BlockedShape& input() const;
  [[nodiscard]] const BlockedShape& output() const;
  [[nodiscard]] std::size_t workspace_bytes() const;

  /// Takes over weights float [filters, channels, kernel, kernel] for the calls to come.
  void set_weights(const float* weights);
  void forward(const float* x, float* y, void* workspace) const;
  void input_gradient(const float* dy, float* dx, void* workspace) const;
  /// Of weights in the order of set_weights().
  void weight_gradient(const float* x, const float* dy, float* dw, void* workspace);

 private:
  struct Primitives;
  std::unique_ptr<Primitives> primitives_;
};

}  // namespace millrace
