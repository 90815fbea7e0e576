#include "trainer/serving/model_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/data/negotiation.h"
#include "core/http/client.h"
#include "core/json/json.h"

namespace millrace::serving {
namespace {

/// Answers with what it was sent, or fails as it was sent to.
class Echo final : public Scorer {
 public:
  std::string answer(const ScoreRequest& request, ByteSource& body, ByteSink& out) override {
    const std::string text = read_all(body, 1 << 26, request.origin);
    if (text == "customer") throw Error(Blame::Customer, "request, line 1: what a row");
    if (text == "platform") throw Error(Blame::Platform, "the disk is full");
    if (text == "unknown") throw std::runtime_error("secret");
    if (text == "type") throw Error(Blame::Customer, std::string(kUnsupportedMediaType), "types");
    if (text == "accept") throw Error(Blame::Customer, std::string(kNotAcceptable), "forms");
    if (text == "wait") {
      ++waiting;
      go_on.wait(false);
    }
    const std::string answer = request.content_type + "|" + request.accept + "|" + text;
    out.write(answer);
    return "text/echo";
  }
  void serve(const Serving& serving) override { delay = serving.batch_delay; }
  [[nodiscard]] bool takes_many() const override { return true; }

  std::chrono::microseconds delay{-1};
  std::atomic<int> waiting{0};
  std::atomic<bool> go_on{false};
};

class ServedModel : public testing::Test {
 protected:
  struct Answer {
    int status = 0;
    std::string type, body, allow;
  };

  Answer send(const std::string& method, const std::string& target, std::string content = {},
              std::vector<std::pair<std::string, std::string>> fields = {}) const {
    http::Client client({.host = "127.0.0.1", .port = server_->port()});
    http::Outgoing request{.method = method, .target = target, .content = std::move(content)};
    for (auto& [name, value] : fields) request.headers.add(name, value);
    http::Incoming incoming = client.send(request);
    const auto field = [&](const char* name) {
      return std::string(incoming.headers.find(name).value_or(""));
    };
    return {.status = incoming.status,
            .type = field("Content-Type"),
            .body = read_all(*incoming.body, 1 << 26, "answer"),
            .allow = field("Allow")};
  }
  Answer invoke(std::string content) const {
    return send("POST", "/invocations", std::move(content));
  }

  void start(Settings settings = {}) {
    settings.address = "127.0.0.1";
    settings.port = 0;
    server_ = std::make_unique<ModelServer>(scorer_, settings, log_);
  }

  Echo scorer_;
  Fd nowhere_{::open("/dev/null", O_WRONLY | O_CLOEXEC)};
  Log log_{nowhere_.get()};
  std::unique_ptr<ModelServer> server_;
};

TEST_F(ServedModel, IsHealthyOnceItListens) {
  start();
  EXPECT_EQ(send("GET", "/ping").status, 200);
  EXPECT_EQ(scorer_.delay, std::chrono::milliseconds(1));
}

TEST_F(ServedModel, HandsARequestWithItsTypesToTheScorer) {
  start();
  const Answer answer = send("POST", "/invocations", "1,2",
                             {{"Content-Type", "text/csv"}, {"Accept", "application/json"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.type, "text/echo");
  EXPECT_EQ(answer.body, "text/csv|application/json|1,2");
}

TEST_F(ServedModel, AnswersInTheDefaultFormWhereAnyIsAccepted) {
  start({.default_accept = "text/csv"});
  EXPECT_EQ(invoke("1").body, "|text/csv|1");
  EXPECT_EQ(send("POST", "/invocations", "1", {{"Accept", "*/*"}}).body, "|text/csv|1");
  EXPECT_EQ(send("POST", "/invocations", "1", {{"Accept", "a/b"}}).body, "|a/b|1");
}

TEST_F(ServedModel, TellsFaultsApartByTheirStatus) {
  start();
  const auto expect = [&](const char* body, int status, const char* text) {
    const Answer answer = invoke(body);
    EXPECT_EQ(answer.status, status) << body;
    EXPECT_EQ(answer.body, text) << body;
  };
  expect("customer", 400, "request, line 1: what a row");
  expect("type", 415, "types");
  expect("accept", 406, "forms");
  expect("platform", 500, "the disk is full");
  expect("unknown", 500, "The model server failed. Its log says more.");
  EXPECT_EQ(invoke("fine").status, 200);
}

TEST_F(ServedModel, RefusesWhatIsNoRequestToAModel) {
  start();
  EXPECT_EQ(send("GET", "/").status, 404);
  EXPECT_EQ(send("POST", "/models").status, 404);
  EXPECT_EQ(send("POST", "/ping").status, 405);
  const Answer answer = send("GET", "/invocations");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.allow, "POST");
}

TEST_F(ServedModel, SaysWhatBatchTransformShouldSend) {
  start({.max_payload_bytes = std::uint64_t{20} << 20});
  const Answer answer = send("GET", "/execution-parameters");
  EXPECT_EQ(answer.type, "application/json");
  const Json json = parse_json(answer.body, "answer");
  EXPECT_GE(json.at("MaxConcurrentTransforms").get<int>(), 1);
  EXPECT_EQ(json.at("BatchStrategy"), "MULTI_RECORD");
  EXPECT_EQ(json.at("MaxPayloadInMB"), 20);
}

/// Sends a body without saying how long it is.
int status_of_chunked(std::uint16_t port, const std::string& body) {
  http::Client client({.host = "127.0.0.1", .port = port});
  MemorySource source(body);
  http::Outgoing request{.method = "POST", .target = "/invocations", .stream = &source};
  return client.send(request).status;
}

TEST_F(ServedModel, RefusesABodyAboveTheLimitAndGoesOn) {
  start({.max_payload_bytes = 1000});
  const std::string most(1000, 'x'), more(1001, 'x');
  EXPECT_EQ(invoke(most).status, 200);
  EXPECT_EQ(invoke(more).status, 413);
  EXPECT_EQ(status_of_chunked(server_->port(), most), 200);
  EXPECT_EQ(status_of_chunked(server_->port(), more), 413);
  EXPECT_EQ(invoke("fine").status, 200);
}

TEST_F(ServedModel, TakesBodiesOfAnyLengthWhereThereIsNoLimit) {
  start({.max_payload_bytes = std::nullopt});
  const std::string body(7 << 20, 'x');
  EXPECT_EQ(invoke(body).body.size(), body.size() + 2);
  EXPECT_EQ(status_of_chunked(server_->port(), body), 200);
}

TEST_F(ServedModel, StaysHealthyAndSaysSoWhenTooManyWait) {
  start();
  std::vector<std::jthread> clients;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 120; ++i)
    clients.emplace_back([&] { answered += invoke("wait").status == 200 ? 1 : 0; });
  while (scorer_.waiting < 120) std::this_thread::yield();
  EXPECT_EQ(invoke("one more").status, 503);
  EXPECT_EQ(send("GET", "/ping").status, 200);
  scorer_.go_on = true;
  scorer_.go_on.notify_all();
  clients.clear();
  EXPECT_EQ(answered, 120);
  EXPECT_EQ(invoke("fine").status, 200);
}

TEST_F(ServedModel, AnswersWhatItIsComputingWhenItStops) {
  start();
  auto answer = std::async(std::launch::async, [&] { return invoke("wait"); });
  while (scorer_.waiting < 1) std::this_thread::yield();
  std::jthread stopping([&] { server_.reset(); });
  scorer_.go_on = true;
  scorer_.go_on.notify_all();
  EXPECT_EQ(answer.get().body, "||wait");
}

}  // namespace
}  // namespace millrace::serving
