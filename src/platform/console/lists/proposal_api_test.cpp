#include "platform/console/lists/proposal_api.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "platform/console/lists/lists_for_test.h"

namespace millrace::console {
namespace {

using records::Connection;
using records::ListTable;

/// A proposal of ana's that bo has approved: b.jpg goes.
class ProposalTest : public ListFixture {
 protected:
  ProposalTest() {
    put("a.lst", "0\t1\ta.jpg\n1\t1\tb.jpg\n");
    id_ = propose("ana");
  }

  std::string propose(const std::string& user) {
    Asked open(user);
    list_ = versions_.at(open.call, place("a.lst")).list;
    Asked begin(user, {std::to_string(list_.id)});
    const std::string draft = answer(drafts_.begin(begin.call))["Id"];
    Asked edit(user, {draft},
               {{"Edits", Json::array({{{"Do", "remove"}, {"Paths", Json::array({"b.jpg"})}}})}});
    drafts_.edit(edit.call);
    Asked propose(user, {draft}, {{"Title", "without b"}});
    return std::to_string(answer(proposals_.propose(propose.call))["Id"].get<int>());
  }

  using Method = http::Response (ProposalApi::*)(Call&);
  http::Response send(const std::string& user, Method method, Json document = Json::object()) {
    Asked asked(user, {id_}, std::move(document));
    return (proposals_.*method)(asked.call);
  }
  Json shown() { return answer(send("bo", &ProposalApi::one)); }
  std::int64_t number() const { return std::stoll(id_); }
  std::string status() {
    return records_.database().read([&](Connection& connection) {
      return ListTable(connection).proposal(kAccount, number()).value().status;
    });
  }
  /// What is recorded before the list's file is written.
  void begin_merge() {
    const std::string hash = shown()["Hash"];
    records_.database().write([&](Connection& transaction) {
      claim_proposal(transaction, kAccount, number());
      ListTable(transaction)
          .add_save({.id = "s",
                     .list = list_.id,
                     .content = hash,
                     .author = "ana",
                     .message = "merged",
                     .created_at = now(),
                     .document = R"({"Rows":1})",
                     .proposal = number(),
                     .draft = {}});
    });
  }

  std::string id_;
  records::ListRow list_;
};

TEST_F(ProposalTest, IsReadDiscussedAndClosedWhenTheListsFileIsGone) {
  std::filesystem::remove(root() / "a.lst");
  EXPECT_EQ(answer(send("bo", &ProposalApi::diff))["Total"], 1);
  send("bo", &ProposalApi::comment, {{"Text", "Where has the list gone?"}});
  EXPECT_EQ(shown()["Comments"].size(), 1U);
  send("ana", &ProposalApi::close);
  EXPECT_EQ(status(), ProposalState::kClosed);
}

TEST_F(ProposalTest, CommentsOfManyAtOnceAllCount) {
  constexpr int kPeople = 6;
  constexpr int kEach = 8;
  std::vector<std::thread> people;
  for (int i = 0; i < kPeople; ++i) {
    people.emplace_back([&, i] {
      for (int n = 0; n < kEach; ++n)
        send(i % 2 == 0 ? "ana" : "bo", &ProposalApi::comment, {{"Text", "I see."}});
    });
  }
  for (std::thread& one : people) one.join();
  EXPECT_EQ(shown()["Comments"].size(), std::size_t{kPeople} * kEach);
}

TEST_F(ProposalTest, OneOfManyMergesAndCommentsMeanwhileDoNotReopenIt) {
  send("bo", &ProposalApi::approve);
  std::atomic<int> merged{0};
  std::vector<std::thread> people;
  for (int i = 0; i < 4; ++i) {
    people.emplace_back([&] {
      for (int n = 0; n < 6; ++n) send("bo", &ProposalApi::comment, {{"Text", "Soon?"}});
    });
    people.emplace_back([&] {
      try {
        merged += send("bo", &ProposalApi::merge).status == 200 ? 1 : 0;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), "Conflict");
      }
    });
  }
  for (std::thread& one : people) one.join();
  EXPECT_EQ(merged, 1);
  const Json proposal = shown();
  EXPECT_EQ(proposal["Status"], "merged");
  EXPECT_EQ(proposal["Version"], 2);
  EXPECT_EQ(proposal["Comments"].size(), 24U);
  EXPECT_EQ(text_of("a.lst"), "0\t1\ta.jpg\n");
}

TEST_F(ProposalTest, AMergeThatNeverWroteIsOpenAgain) {
  send("bo", &ProposalApi::approve);
  begin_merge();
  EXPECT_EQ(status(), "merging");
  EXPECT_EQ(shown()["Status"], "open");
  EXPECT_EQ(status(), "open");
  EXPECT_EQ(answer(send("bo", &ProposalApi::merge))["Status"], "merged");
}

TEST_F(ProposalTest, AMergeThatWroteAndWasNotRecordedIsMerged) {
  send("bo", &ProposalApi::approve);
  begin_merge();
  put("a.lst", "0\t1\ta.jpg\n");
  const Json proposal = shown();
  EXPECT_EQ(proposal["Status"], "merged");
  EXPECT_EQ(proposal["Version"], 2);
  const auto last = records_.database().read(
      [&](Connection& connection) { return ListTable(connection).last_version(list_.id).value(); });
  EXPECT_EQ(last.author, "ana");
}

TEST_F(ProposalTest, WhoeverMayNotWriteLeavesItOpen) {
  send("bo", &ProposalApi::approve);
  writable_ = false;
  EXPECT_THROW(send("bo", &ProposalApi::merge), Error);
  EXPECT_EQ(status(), "open");
  writable_ = true;
  EXPECT_EQ(answer(send("bo", &ProposalApi::merge))["Status"], "merged");
}

TEST_F(ProposalTest, ACommentThatWouldMakeItTooLargeIsRefusedAndItGoesOn) {
  records_.database().write([&](Connection& transaction) {
    ProposalState state = ProposalState::load(transaction, kAccount, number());
    state.document["Comments"].push_back(
        {{"Author", "bo"},
         {"At", ""},
         {"Text", std::string(ProposalState::kMaxBytes - 5000, 'x')}});
    state.store(transaction);
  });
  EXPECT_THAT(
      [&] {
        send("ana", &ProposalApi::comment, {{"Text", std::string(9000, 'x')}});
      },
      testing::ThrowsMessage<Error>(testing::HasSubstr("with its comments at most 1.0 MB")));
  send("ana", &ProposalApi::comment, {{"Text", "short"}});
  EXPECT_EQ(shown()["Comments"].size(), 2U);
  send("bo", &ProposalApi::approve);
  EXPECT_EQ(answer(send("bo", &ProposalApi::merge))["Status"], "merged");
}

TEST_F(ProposalTest, AUserCalledAsTheOperatorIsNotTheOperator) {
  id_ = propose("operator");
  EXPECT_EQ(shown()["Author"], "operator (user)");
  EXPECT_THROW(send("operator", &ProposalApi::approve), Error);
  // The operator is somebody else.
  EXPECT_EQ(answer(send("", &ProposalApi::approve))["Approved"], true);
}

}  // namespace
}  // namespace millrace::console
