#include "core/http/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/http/arrival.h"
#include "core/http/body_reader.h"
#include "core/http/response_writer.h"

namespace millrace::http {
namespace {

constexpr Connection::Clock::rep kBusy = 0;
constexpr Connection::Clock::rep kExpired = -1;

/// So much of a large file before other connections have their turn.
constexpr std::uint64_t kMaxPieceBytes = 16 * 1024 * 1024;

/// A handler that answers early leaves this much unread at most for the connection to go on; more
/// is not worth it.
constexpr std::uint64_t kMaxDrainedBytes = 64 * 1024;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

/// The body as the handler sees it: asks a waiting client to go on when it is first read.
class RequestBody final : public ByteSource {
 public:
  RequestBody(Socket& socket, const RequestHead& head)
      : socket_(socket), reader_(socket, head.body), continue_pending_(head.expects_continue) {}

  std::size_t read(std::span<char> buffer) override {
    // Also to a client that has sent its body unasked, although HTTP lets us leave it out then:
    // botocore 1.29 takes a final answer in this place for that of the connection's next slow
    // request too.
    if (std::exchange(continue_pending_, false)) socket_.write(kContinue);
    return reader_.read(buffer);
  }

  [[nodiscard]] bool ended() const { return reader_.ended(); }
  /// The client still waits to be asked for its body, even one of no bytes. A final answer instead
  /// ends the connection: botocore 1.29 would take its next request for answered already.
  [[nodiscard]] bool awaited() const { return continue_pending_; }
  /// The rest is known to be short and on its way.
  [[nodiscard]] bool drainable() const {
    return reader_.kind() == BodyFraming::Kind::Length && reader_.left() <= kMaxDrainedBytes;
  }
  void drain() {
    std::array<char, 16 * 1024> waste;
    while (reader_.read(waste) > 0) {
    }
  }

 private:
  Socket& socket_;
  BodyReader reader_;
  bool continue_pending_;
};

}  // namespace

Connection::Connection(Socket socket, const Limits& limits, std::atomic<std::int64_t>& waiting)
    : socket_(std::move(socket)),
      limits_(limits),
      head_due_(Clock::now() + limits.idle_timeout),
      waiting_(waiting),
      deadline_(head_due_.time_since_epoch().count()) {}

Connection::~Connection() {
  count_waiting(0);
}

void Connection::count_waiting(std::size_t bytes) {
  const auto now = static_cast<std::int64_t>(bytes);
  waiting_ += now - std::exchange(own_waiting_, now);
}

Connection::Next Connection::advance(const Handler& handler, const std::atomic<bool>& stopping) {
  if (deadline_.exchange(kBusy) == kExpired) return Next::Close;
  AnswerState state = AnswerState::Whole;
  if (outgoing_) {
    if (outgoing_->rest.length > 0) send_piece();  // what failed before fails again, and is thrown
    state = after_piece();
  }
  for (;;) {
    if (state == AnswerState::Last) return Next::Close;
    if (state == AnswerState::Feeding) return Next::Feed;
    if (state == AnswerState::Sending) {
      await_output();
      return Next::AwaitOutput;
    }
    if (!head_) {
      switch (take_head(head_.emplace())) {
        case HeadState::Incomplete:
          head_.reset();
          socket_.release_surplus();  // where a large file was the last answer
          await_head();
          return Next::AwaitInput;
        case HeadState::Refused:
          socket_.linger();
          return Next::Close;
        case HeadState::Gone:
          return Next::Close;
        case HeadState::Complete:
          break;
      }
    }
    switch (take_body()) {
      case BodyState::Incomplete:
        await_body();
        return Next::AwaitInput;
      case BodyState::Gone:
        return Next::Close;
      case BodyState::Ready:
        break;
    }
    RequestHead head = *std::exchange(head_, std::nullopt);
    body_due_.reset();
    state = answer(head, handler, stopping);
    head_started_ = false;
    if (state == AnswerState::Whole && socket_.buffered().empty() && !socket_.pending()) {
      socket_.release_surplus();
      await_head();
      return Next::AwaitInput;
    }
  }
}

Connection::HeadState Connection::take_head(RequestHead& head) {
  for (;;) {
    std::string_view text = socket_.buffered();
    // Empty lines before a request come from clients that end a body with one (RFC 9112
    // section 2.2).
    while (text.starts_with("\r\n")) {
      socket_.consume(2);
      text = socket_.buffered();
      searched_ = 0;
    }
    if (!text.empty() && !starts_request(text.front())) {
      refuse({400, "This port speaks plain HTTP/1.1; what came is something else, perhaps TLS."});
      return HeadState::Refused;
    }
    if (const std::optional<std::size_t> end = find_head_end(text, searched_);
        end && *end <= limits_.max_head_bytes) {
      std::variant<RequestHead, Refusal> parsed = parse_request_head(text.substr(0, *end));
      socket_.consume(*end);
      searched_ = 0;
      if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
        refuse(*refusal);
        return HeadState::Refused;
      }
      head = std::get<RequestHead>(std::move(parsed));
      return HeadState::Complete;
    }
    if (text.size() >= limits_.max_head_bytes) {
      refuse({431, "The request line and header fields exceed " +
                       std::to_string(limits_.max_head_bytes) + " bytes."});
      return HeadState::Refused;
    }
    searched_ = text.size();
    const std::optional<std::size_t> got = socket_.fill(Socket::Wait::No);
    if (!got) return HeadState::Incomplete;
    if (*got == 0) return HeadState::Gone;
  }
}

Connection::BodyState Connection::take_body() {
  const BodyFraming& body = head_->body;
  if (head_->method != "POST" || body.kind != BodyFraming::Kind::Length ||
      body.length > limits_.whole_body_bytes)
    return BodyState::Ready;
  // Until it is here nobody reads it, upon which the client would be asked for it.
  if (std::exchange(head_->expects_continue, false)) socket_.write(kContinue);
  socket_.expect(static_cast<std::size_t>(body.length));
  while (socket_.buffered().size() < body.length) {
    const std::optional<std::size_t> got = socket_.fill(Socket::Wait::No);
    if (got && *got == 0) return BodyState::Gone;
    if (got) continue;
    count_waiting(socket_.buffered().size());
    if (waiting_ <= limits_.waiting_bytes) return BodyState::Incomplete;
    break;  // the handler reads the rest: a thread is what there is left to wait with
  }
  count_waiting(0);
  return BodyState::Ready;
}

Connection::AnswerState Connection::answer(RequestHead& head, const Handler& handler,
                                           const std::atomic<bool>& stopping) {
  const Arrival arrival;
  RequestBody body(socket_, head);
  Request request{.method = std::move(head.method),
                  .path = std::move(head.path),
                  .query = std::move(head.query),
                  .headers = std::move(head.headers),
                  .content_length = std::nullopt,
                  .peer = socket_.peer(),
                  .body = &body};
  if (head.body.kind != BodyFraming::Kind::Chunked) request.content_length = head.body.length;
  Response response = handler(request);

  if (response.feed && request.method == "GET") {
    write_feed_head(socket_, response);
    feed_ = std::move(response.feed);
    return AnswerState::Feeding;
  }
  const bool usable_after = !body.awaited() && (body.ended() || body.drainable());
  const AnswerForm form{
      .to_head = request.method == "HEAD",
      .minor_version = head.minor_version,
      .keep_alive = head.keep_alive && usable_after && !stopping.load(std::memory_order_relaxed)};
  Answered answered = write_response(socket_, response, form);
  if (answered.keep_alive && !body.ended()) body.drain();
  const bool input_left = !body.ended() || !socket_.buffered().empty();
  if (answered.rest) {
    outgoing_ = Outgoing{*std::move(answered.rest), answered.keep_alive, input_left};
    socket_.enlarge_send_buffer();
    send_piece();
    return after_piece();
  }
  return end_answer(answered.keep_alive, input_left);
}

Connection::AnswerState Connection::end_answer(bool keep_alive, bool input_left) {
  if (keep_alive) return AnswerState::Whole;
  if (input_left) socket_.linger();
  return AnswerState::Last;
}

void Connection::send_piece() {
  FileRange& rest = outgoing_->rest;
  const std::uint64_t sent =
      socket_.send_file(rest.file->get(), rest.offset, std::min(rest.length, kMaxPieceBytes));
  rest.offset += sent;
  rest.length -= sent;
}

bool Connection::send_more() {
  if (deadline_.exchange(kBusy) == kExpired) {
    deadline_.store(kExpired);
    return false;
  }
  send_piece();
  if (outgoing_->rest.length == 0) return false;
  await_output();
  return true;
}

Connection::AnswerState Connection::after_piece() {
  if (outgoing_->rest.length > 0) return AnswerState::Sending;
  const Outgoing sent_whole = *std::exchange(outgoing_, std::nullopt);
  return end_answer(sent_whole.keep_alive, sent_whole.input_left);
}

bool Connection::discard_input() {
  for (;;) {
    discarded_ += socket_.buffered().size();
    socket_.consume(socket_.buffered().size());
    if (discarded_ > kMaxDrainedBytes) return false;
    const std::optional<std::size_t> got = socket_.fill(Socket::Wait::No);
    if (!got) return true;
    if (*got == 0) return false;
  }
}

void Connection::await_output() {
  deadline_.store((Clock::now() + limits_.io_timeout).time_since_epoch().count());
}

void Connection::refuse(const Refusal& refusal) {
  Response response;
  response.status = refusal.status;
  response.headers.add("Content-Type", "text/plain; charset=utf-8");
  response.body = refusal.reason + "\n";
  write_response(socket_, response, {.to_head = false, .minor_version = 1, .keep_alive = false});
}

void Connection::await_head() {
  // The time for a head runs from its first byte, or from that of the handshake before it, however
  // slowly the rest drips in.
  const bool started = !socket_.buffered().empty() || socket_.pending() || !socket_.established();
  if (!started || !head_started_) head_due_ = Clock::now() + limits_.idle_timeout;
  head_started_ = started;
  deadline_.store(head_due_.time_since_epoch().count());
}

void Connection::await_body() {
  if (!body_due_) body_due_ = Clock::now() + limits_.io_timeout;
  deadline_.store(body_due_->time_since_epoch().count());
}

void Connection::expire(Clock::time_point at) {
  Clock::rep deadline = deadline_.load();
  if (deadline == kBusy || deadline == kExpired || at.time_since_epoch().count() < deadline) return;
  if (deadline_.compare_exchange_strong(deadline, kExpired)) abort();
}

void Connection::abort() {
  ::shutdown(socket_.fd(), SHUT_RDWR);
}

}  // namespace millrace::http
