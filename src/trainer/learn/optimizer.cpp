#include "trainer/learn/optimizer.h"

#include <cmath>
#include <string>
#include <utility>

#include "core/base/error.h"

namespace millrace {

Optimizer::Optimizer(std::vector<TrainedTensor> tensors, OptimizerOptions options)
    : tensors_(std::move(tensors)), options_(options) {
  for (const TrainedTensor& tensor : tensors_) {
    first_.push_back(torch::zeros_like(tensor.value.detach()));
    if (options_.rule == UpdateRule::Adam || options_.rule == UpdateRule::AdaDelta)
      second_.push_back(torch::zeros_like(tensor.value.detach()));
  }
}

void Optimizer::step(double rate) {
  const at::NoGradGuard no_grad;
  ++updates_;
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    torch::Tensor& gradient = tensors_[i].value.mutable_grad();
    if (!gradient.defined()) continue;
    update(i, gradient, rate);
    gradient.reset();
  }
}

void Optimizer::update(std::size_t i, const torch::Tensor& gradient, double rate) {
  torch::Tensor& w = tensors_[i].value;
  torch::Tensor& m = first_[i];
  const double decay = tensors_[i].decays ? options_.weight_decay : 0;
  switch (options_.rule) {
    case UpdateRule::Sgd:
      if (decay != 0) gradient.add_(w, decay);
      m.mul_(options_.momentum).add_(gradient, -rate);
      w.add_(m);
      break;
    case UpdateRule::Nag:
      if (decay != 0) gradient.add_(w, decay);
      m.mul_(options_.momentum).add_(gradient);
      w.add_(gradient, -rate).add_(m, -rate * options_.momentum);
      break;
    case UpdateRule::Adam: {
      torch::Tensor& v = second_[i];
      const auto t = static_cast<double>(updates_);
      const double rate_t =
          rate * std::sqrt(1 - std::pow(options_.beta_2, t)) / (1 - std::pow(options_.beta_1, t));
      m.mul_(options_.beta_1).add_(gradient, 1 - options_.beta_1);
      v.mul_(options_.beta_2).addcmul_(gradient, gradient, 1 - options_.beta_2);
      w.addcdiv_(m, v.sqrt().add_(options_.eps), -rate_t);
      break;
    }
    case UpdateRule::RmsProp:
      m.mul_(options_.gamma).addcmul_(gradient, gradient, 1 - options_.gamma);
      w.addcdiv_(gradient, m.add(options_.eps).sqrt_(), -rate);
      break;
    case UpdateRule::AdaGrad:
      m.addcmul_(gradient, gradient);
      w.addcdiv_(gradient, m.add(options_.eps).sqrt_(), -rate);
      break;
    case UpdateRule::AdaDelta: {
      torch::Tensor& s = second_[i];
      m.mul_(options_.rho).addcmul_(gradient, gradient, 1 - options_.rho);
      const torch::Tensor step =
          s.add(options_.eps).div_(m.add(options_.eps)).sqrt_().mul_(gradient);
      s.mul_(options_.rho).addcmul_(step, step, 1 - options_.rho);
      w.add_(step, -rate);
      break;
    }
  }
}

std::vector<float> Optimizer::memory() const {
  std::vector<float> values;
  for (const std::vector<torch::Tensor>* part : {&first_, &second_}) {
    for (const torch::Tensor& tensor : *part) {
      const torch::Tensor flat = tensor.contiguous();
      const float* const begin = flat.data_ptr<float>();
      values.insert(values.end(), begin, begin + flat.numel());
    }
  }
  return values;
}

void Optimizer::resume(std::int64_t updates, const std::vector<float>& memory) {
  std::size_t expected = 0;
  for (const std::vector<torch::Tensor>* part : {&first_, &second_}) {
    for (const torch::Tensor& tensor : *part) expected += static_cast<std::size_t>(tensor.numel());
  }
  if (memory.size() != expected) {
    throw Error(Blame::Customer, "the optimizer's memory: got " + std::to_string(memory.size()) +
                                     " values, expected " + std::to_string(expected) +
                                     ". It is of another model");
  }
  updates_ = updates;
  std::size_t at = 0;
  for (std::vector<torch::Tensor>* part : {&first_, &second_}) {
    for (torch::Tensor& tensor : *part) {
      const auto count = static_cast<std::size_t>(tensor.numel());
      tensor.copy_(torch::tensor(at::ArrayRef<float>(memory.data() + at, count)).view_as(tensor));
      at += count;
    }
  }
}

}  // namespace millrace
