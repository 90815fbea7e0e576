#include "platform/runner/transform/invoker.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/http/read_answer.h"
#include "platform/runner/retry.h"

namespace millrace::runner {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// How much of a refusal's text is told.
constexpr std::size_t kShownBytes = 300;
constexpr milliseconds kLongestPause = std::chrono::seconds(10);
constexpr milliseconds kParametersTimeout = std::chrono::seconds(5);
constexpr std::size_t kMaxParametersBytes = std::size_t{64} * 1024;

/// What the model says is wrong with the request: the same request fails again.
bool is_final(int status) {
  return status >= 400 && status < 500 && status != 408 && status != 429;
}

std::string seconds_text(milliseconds time) {
  return number_text(static_cast<double>(time.count()) / 1000) + " s";
}

/// The message with its place in front, unless it names that already.
std::string with_place(const std::string& place, const std::string& message) {
  return message.find(place) == std::string::npos ? place + ": " + message : message;
}

}  // namespace

/// A connection that is lent to one request.
struct Invoker::Line {
  Clock::time_point due;  ///< of the attempt under way; a connection opened later is of no use
  std::optional<http::Client> client;
};

Invoker::Invoker(ModelGate& gate, Order order, std::stop_token stop)
    : gate_(gate), order_(std::move(order)), stop_(std::move(stop)) {}

std::shared_ptr<Invoker::Line> Invoker::take() {
  auto kept = idle_.with([](auto& idle) -> std::shared_ptr<Line> {
    if (idle.empty()) return nullptr;
    auto last = std::move(idle.back());
    idle.pop_back();
    return last;
  });
  if (kept) return kept;
  auto line = std::make_shared<Line>();
  line->client.emplace([this, made = line.get()] { return gate_.connect(made->due, stop_); },
                       "the model's server", order_.timeout);
  return line;
}

void Invoker::give_back(std::shared_ptr<Line> line) {
  idle_.with([&](auto& idle) { idle.push_back(std::move(line)); });
}

http::Outgoing Invoker::request() const {
  http::Outgoing out{.method = "POST",
                     .target = "/invocations",
                     .headers = {},
                     .content = {},
                     .stream = nullptr,
                     .stream_length = {}};
  if (order_.content_type) out.headers.add("Content-Type", *order_.content_type);
  if (order_.accept) out.headers.add("Accept", *order_.accept);
  return out;
}

void Invoker::check_status(const http::Incoming& answer, const std::string& body) const {
  if (answer.status == 200) return;
  throw Error(is_final(answer.status) ? Blame::Customer : Blame::Algorithm,
              "the model answered status " + std::to_string(answer.status) + ": " +
                  printable(trim(body), kShownBytes));
}

/// Runs `use` on a connection until it succeeds, the model refuses, or no attempt is left.
void Invoker::attempts(const std::string& place, const Use& use) {
  milliseconds pause = order_.first_pause;
  for (int left = order_.retries;; --left) {
    std::shared_ptr<Line> line = take();
    line->due = Clock::now() + order_.timeout;
    try {
      use(*line);
      give_back(std::move(line));
      return;
    } catch (const Error& error) {
      const bool late = Clock::now() >= line->due;
      const std::string why =
          late && error.blame() == Blame::Platform
              ? "the model did not answer within " + seconds_text(order_.timeout)
              : error.what();
      if (error.blame() == Blame::Customer)
        throw Error(Blame::Customer, with_place(place, error.what()));
      if (left <= 0 || stop_.stop_requested()) {
        const std::string how_often =
            order_.retries > 0 ? " (" + std::to_string(order_.retries + 1) + " attempts)" : "";
        throw Error(Blame::Algorithm, with_place(place, why + how_often));
      }
    }
    wait_until(Clock::now() + pause, stop_);
    pause = std::min(2 * pause, kLongestPause);
  }
}

Invoker::Answer Invoker::invoke(std::string payload, const std::string& place) {
  http::Outgoing out = request();
  out.content = std::move(payload);
  Answer answer;
  attempts(place, [&](Line& line) {
    http::Incoming incoming = line.client->send(out);
    answer.body = http::read_answer(*incoming.body, order_.max_answer_bytes, line.due);
    if (answer.body.size() > order_.max_answer_bytes) {
      throw Error(Blame::Customer,
                  "the model's answer has more than " + human_bytes(order_.max_answer_bytes) +
                      ". Ask for less at a time: lower MaxPayloadInMB, or split the object");
    }
    if (Clock::now() >= line.due) throw Error(Blame::Platform, "the answer came too slowly");
    check_status(incoming, answer.body);
    answer.content_type.reset();
    if (const auto type = incoming.headers.find("Content-Type")) answer.content_type = *type;
  });
  return answer;
}

std::unique_ptr<ByteSink> Invoker::stream(const OpenSource& open_source, const OpenSink& open_sink,
                                          const std::string& place) {
  std::unique_ptr<ByteSink> sink;
  attempts(place, [&](Line& line) {
    // Bytes that move are progress, however long it takes.
    line.due = Clock::time_point::max();
    // The earlier attempt's must not leave anything behind.
    sink.reset();
    const std::unique_ptr<ByteSource> source = open_source();
    http::Outgoing out = request();
    out.stream = source.get();
    http::Incoming incoming = line.client->send(out);
    if (incoming.status != 200)
      check_status(incoming,
                   http::read_answer(*incoming.body, kShownBytes, Clock::time_point::max()));
    sink = open_sink();
    copy(*incoming.body, *sink);
  });
  return sink;
}

std::optional<std::string> Invoker::execution_parameters() {
  const Clock::time_point due = Clock::now() + kParametersTimeout;
  http::Client client([&] { return gate_.connect(due, stop_); }, "the model's server",
                      kParametersTimeout);
  try {
    http::Incoming answer = client.send({.method = "GET",
                                         .target = "/execution-parameters",
                                         .headers = {},
                                         .content = {},
                                         .stream = nullptr,
                                         .stream_length = {}});
    std::string body = http::read_answer(*answer.body, kMaxParametersBytes, due);
    if (answer.status != 200 || body.size() > kMaxParametersBytes) return std::nullopt;
    return body;
  } catch (const Error&) {
    // The path is optional, and a server may do with it what it wants.
    return std::nullopt;
  }
}

}  // namespace millrace::runner
