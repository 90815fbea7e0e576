#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/http/client.h"
#include "core/io/byte_source.h"
#include "platform/runner/transform/model_gate.h"

namespace millrace::runner {

/// POST /invocations of a transform job's own server, with its limits. Any number of threads.
class Invoker {
 public:
  struct Order {
    std::chrono::milliseconds timeout = std::chrono::seconds(600);  ///< of one attempt
    int retries = 3;  ///< beside the first attempt; not of what the model refuses (status 4xx)
    std::optional<std::string> content_type;
    std::optional<std::string> accept;
    std::size_t max_answer_bytes = std::size_t{100} << 20;
    /// Before an attempt is repeated; doubled each time.
    std::chrono::milliseconds first_pause{100};
  };
  struct Answer {
    std::string body;
    std::optional<std::string> content_type;
  };

  /// `gate` must outlive this.
  Invoker(ModelGate& gate, Order order, std::stop_token stop);

  /// Throws Error "<place>: ...": Customer for what the model refuses with a status of 4xx,
  /// Algorithm for any other failure of the last attempt: a status that is not 200, a server that
  /// breaks off, and one that does not answer in time.
  Answer invoke(std::string payload, const std::string& place);

  /// The same for a body of any length, which is sent in chunks as it is read, while the answer
  /// goes where `open_sink` says. Each attempt begins both afresh; `finish` ends the last. The time
  /// limit is how long nothing may move.
  using OpenSource = std::function<std::unique_ptr<ByteSource>()>;
  using OpenSink = std::function<std::unique_ptr<ByteSink>()>;
  std::unique_ptr<ByteSink> stream(const OpenSource& open_source, const OpenSink& open_sink,
                                   const std::string& place);

  /// Body of the answer to GET /execution-parameters; nullopt where the server has none.
  std::optional<std::string> execution_parameters();

 private:
  struct Line;
  using Use = std::function<void(Line& line)>;

  std::shared_ptr<Line> take();
  void give_back(std::shared_ptr<Line> line);
  void attempts(const std::string& place, const Use& use);
  [[nodiscard]] http::Outgoing request() const;
  void check_status(const http::Incoming& answer, const std::string& body) const;

  ModelGate& gate_;
  const Order order_;
  const std::stop_token stop_;
  Guarded<std::vector<std::shared_ptr<Line>>> idle_;
};

}  // namespace millrace::runner
