#include "platform/logs/logs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "platform/records/temporary_database.h"

namespace millrace::logs {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <class Call>
std::string refusal(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
  return "accepted";
}

class LogsTest : public ::testing::Test {
 protected:
  LogsTest() {
    logs_.create_group({.log_group_name = "/g"}, caller_);
    logs_.create_stream({.log_group_name = "/g", .log_stream_name = "job/algo-1-1"}, caller_);
  }

  /// Events at base + offset.
  auto put(const std::vector<std::pair<std::int64_t, std::string>>& events,
           const std::string& stream = "job/algo-1-1") {
    wire::logs::PutLogEventsRequest request{.log_group_name = "/g", .log_stream_name = stream};
    for (const auto& [offset, message] : events)
      request.log_events.push_back({.timestamp = base_ + offset, .message = message});
    return logs_.put_events(request, caller_);
  }
  auto get(wire::logs::GetLogEventsRequest request) {
    request.log_group_name = "/g";
    request.log_stream_name = "job/algo-1-1";
    return logs_.get_events(request, caller_);
  }
  auto filter(wire::logs::FilterLogEventsRequest request) {
    request.log_group_name = "/g";
    return logs_.filter_events(request, caller_);
  }
  template <class Response>
  static std::vector<std::string> messages(const Response& response) {
    std::vector<std::string> found;
    for (const auto& event : *response.events) found.push_back(*event.message);
    return found;
  }
  std::vector<std::string> stream_names(wire::logs::DescribeLogStreamsRequest request) {
    request.log_group_name = "/g";
    std::vector<std::string> names;
    const auto response = logs_.describe_streams(request, caller_);
    for (const auto& stream : *response.log_streams) names.push_back(*stream.log_stream_name);
    return names;
  }

  records::TemporaryDatabase records_;
  Logs logs_{records_.database()};
  aws::Caller caller_{.account = "111122223333", .arn = "arn:caller", .region = "us-west-2"};
  std::int64_t base_ = to_millis(now()) - 60'000;
};

TEST_F(LogsTest, NamesAreTakenOrUnknownInTheServicesWords) {
  EXPECT_EQ(refusal([&] { logs_.create_group({.log_group_name = "/g"}, caller_); }),
            "ResourceAlreadyExistsException: The specified log group already exists");
  EXPECT_EQ(refusal([&] {
              logs_.create_stream({.log_group_name = "/g", .log_stream_name = "job/algo-1-1"},
                                  caller_);
            }),
            "ResourceAlreadyExistsException: The specified log stream already exists");
  EXPECT_EQ(refusal([&] {
              logs_.create_stream({.log_group_name = "/no", .log_stream_name = "s"}, caller_);
            }),
            "ResourceNotFoundException: The specified log group does not exist.");
  EXPECT_EQ(refusal([&] {
              put({{0, "a"}}, "no");
            }),
            "ResourceNotFoundException: The specified log stream does not exist.");
  EXPECT_EQ(refusal([&] { logs_.describe_streams({.log_group_name = "/no"}, caller_); }),
            "ResourceNotFoundException: The specified log group does not exist.");
}

TEST_F(LogsTest, ReadingForwardEndsWithAnEmptyPageAndTheTokenThatWasSent) {
  put({{0, "a"}, {1, "b"}, {2, "c"}});
  const auto first = get({.limit = 2, .start_from_head = true});
  EXPECT_THAT(messages(first), ElementsAre("a", "b"));
  const auto second = get({.next_token = first.next_forward_token, .start_from_head = true});
  EXPECT_THAT(messages(second), ElementsAre("c"));
  const auto end = get({.next_token = second.next_forward_token, .start_from_head = true});
  EXPECT_THAT(messages(end), IsEmpty());
  EXPECT_EQ(end.next_forward_token, second.next_forward_token);
  EXPECT_TRUE(end.next_backward_token);

  put({{2, "d"}});
  EXPECT_THAT(messages(get({.next_token = end.next_forward_token, .start_from_head = true})),
              ElementsAre("d"))
      << "what came later within the same millisecond is not lost";
}

TEST_F(LogsTest, WithoutAskingForTheHeadTheLastPageComesAndBackwardTokensGoOn) {
  put({{0, "a"}, {1, "b"}, {2, "c"}});
  const auto last = get({.limit = 2});
  EXPECT_THAT(messages(last), ElementsAre("b", "c"));
  const auto before = get({.next_token = last.next_backward_token, .limit = 2});
  EXPECT_THAT(messages(before), ElementsAre("a"));
  const auto start = get({.next_token = before.next_backward_token});
  EXPECT_THAT(messages(start), IsEmpty());
  EXPECT_EQ(start.next_backward_token, before.next_backward_token);
  EXPECT_THAT(messages(get({.next_token = start.next_forward_token})), ElementsAre("a", "b", "c"));
}

TEST_F(LogsTest, ABackwardTokenOfTheEndReadsTheLastEventsAgain) {
  put({{0, "a"}, {1, "b"}});
  const auto all = get({.start_from_head = true});
  const auto end = get({.next_token = all.next_forward_token, .start_from_head = true});
  EXPECT_THAT(messages(get({.next_token = end.next_backward_token})), ElementsAre("a", "b"));
}

TEST_F(LogsTest, AnEmptyStreamHasTokensThatReadWhatComesLater) {
  const auto nothing = get({.start_from_head = true});
  EXPECT_THAT(messages(nothing), IsEmpty());
  EXPECT_EQ(get({.next_token = nothing.next_forward_token}).next_forward_token,
            nothing.next_forward_token);
  put({{0, "a"}});
  EXPECT_THAT(messages(get({.next_token = nothing.next_forward_token})), ElementsAre("a"));
}

TEST_F(LogsTest, StartTimeIsIncludedAndEndTimeIsNot) {
  put({{0, "a"}, {1, "b"}, {2, "c"}});
  EXPECT_THAT(
      messages(get({.start_time = base_ + 1, .end_time = base_ + 2, .start_from_head = true})),
      ElementsAre("b"));
}

TEST_F(LogsTest, RefusesATokenThatIsNotOurs) {
  EXPECT_EQ(refusal([&] { get({.next_token = "f/12"}); }),
            "InvalidParameterException: The specified nextToken is invalid.");
}

TEST_F(LogsTest, ABatchOutOfOrderOrTooLargeIsRefusedWhole) {
  EXPECT_EQ(refusal([&] {
              put({{1, "a"}, {0, "b"}});
            }),
            "InvalidParameterException: Log events in a single PutLogEvents request must be in "
            "chronological order.");
  EXPECT_EQ(refusal([&] {
              put({{0, std::string(262'145, 'x')}});
            }),
            "InvalidParameterException: Log event too large: 262145 bytes exceeds limit of 262144");
  const std::string quarter(262'144, 'x');
  EXPECT_EQ(refusal([&] {
              put({{0, quarter}, {0, quarter}, {0, quarter}, {0, quarter}});
            }),
            "InvalidParameterException: Upload too large: 1048680 bytes exceeds limit of 1048576");
  EXPECT_THAT(refusal([&] {
                put({{-90'000'000, "a"}, {0, "b"}});
              }),
              HasSubstr("cannot span more than 24 hours"));
  EXPECT_THAT(messages(get({})), IsEmpty());
}

TEST_F(LogsTest, EventsFarInTheFutureOrPastAreLeftOutAndReported) {
  const std::int64_t hour = 3'600'000;
  const auto future = put({{0, "a"}, {3 * hour, "b"}});
  EXPECT_EQ(future.rejected_log_events_info.value().too_new_log_event_start_index, 1);
  const auto past = put({{-15 * 24 * hour, "c"}, {-15 * 24 * hour + 1, "d"}});
  EXPECT_EQ(past.rejected_log_events_info.value().too_old_log_event_end_index, 1);
  const auto fine = put({{1, "e"}});
  EXPECT_FALSE(fine.rejected_log_events_info);
  EXPECT_TRUE(fine.next_sequence_token);
  EXPECT_THAT(messages(get({})), ElementsAre("a", "e"));
}

TEST_F(LogsTest, StreamsComeWithoutATokenUnlessThereIsMore) {
  for (const char* name : {"job/algo-2-1", "job2/algo-1-1"}) {
    logs_.create_stream({.log_group_name = "/g", .log_stream_name = name}, caller_);
  }
  const wire::logs::DescribeLogStreamsRequest request{.log_group_name = "/g",
                                                      .log_stream_name_prefix = "job/",
                                                      .order_by = "LogStreamName",
                                                      .limit = 2};
  EXPECT_FALSE(logs_.describe_streams(request, caller_).next_token)
      << "exactly as many as the limit";
  auto one = request;
  one.limit = 1;
  const auto first = logs_.describe_streams(one, caller_);
  ASSERT_TRUE(first.next_token);
  one.next_token = first.next_token;
  const auto second = logs_.describe_streams(one, caller_);
  EXPECT_EQ(second.log_streams->at(0).log_stream_name, "job/algo-2-1");
  EXPECT_FALSE(second.next_token);
  EXPECT_THAT(stream_names({.descending = true}),
              ElementsAre("job2/algo-1-1", "job/algo-2-1", "job/algo-1-1"));
}

TEST_F(LogsTest, StreamsCanBeOrderedByTheirLastEventAndPaged) {
  logs_.create_stream({.log_group_name = "/g", .log_stream_name = "older"}, caller_);
  logs_.create_stream({.log_group_name = "/g", .log_stream_name = "silent"}, caller_);
  put({{5, "a"}});
  put({{1, "b"}}, "older");
  EXPECT_THAT(stream_names({.order_by = "LastEventTime", .descending = true}),
              ElementsAre("job/algo-1-1", "older", "silent"));
  const auto first = logs_.describe_streams(
      {.log_group_name = "/g", .order_by = "LastEventTime", .limit = 1}, caller_);
  EXPECT_THAT(stream_names({.order_by = "LastEventTime", .next_token = first.next_token}),
              ElementsAre("older", "job/algo-1-1"));
  EXPECT_THAT(
      refusal([&] { stream_names({.log_stream_name_prefix = "j", .order_by = "LastEventTime"}); }),
      HasSubstr("Cannot order by LastEventTime with a logStreamNamePrefix."));
}

TEST_F(LogsTest, AStreamShowsItsTimesItsSizeAndItsArn) {
  put({{1, "abc"}, {7, "d"}});
  const auto stream = logs_.describe_streams({.log_group_name = "/g"}, caller_).log_streams->at(0);
  EXPECT_EQ(stream.first_event_timestamp, base_ + 1);
  EXPECT_EQ(stream.last_event_timestamp, base_ + 7);
  EXPECT_EQ(stream.stored_bytes, 4);
  EXPECT_EQ(stream.arn, "arn:aws:logs:us-west-2:111122223333:log-group:/g:log-stream:job/algo-1-1");
}

TEST_F(LogsTest, GroupsAreListedByPrefixAndByPart) {
  logs_.create_group({.log_group_name = "/aws/a"}, caller_);
  logs_.create_group({.log_group_name = "/aws/b"}, caller_);
  const auto first = logs_.describe_groups({.log_group_name_prefix = "/aws/", .limit = 1}, caller_);
  EXPECT_EQ(first.log_groups->at(0).log_group_name, "/aws/a");
  EXPECT_EQ(first.log_groups->at(0).arn, "arn:aws:logs:us-west-2:111122223333:log-group:/aws/a:*");
  const auto second = logs_.describe_groups(
      {.log_group_name_prefix = "/aws/", .next_token = first.next_token, .limit = 1}, caller_);
  EXPECT_EQ(second.log_groups->at(0).log_group_name, "/aws/b");
  EXPECT_FALSE(second.next_token);
  EXPECT_EQ(logs_.describe_groups({.log_group_name_pattern = "ws/b"}, caller_).log_groups->size(),
            1U);
}

TEST_F(LogsTest, AGroupMayBeNamedByItsArn) {
  put({{0, "a"}});
  const auto events = logs_.get_events(
      {.log_group_identifier = "arn:aws:logs:us-west-2:111122223333:log-group:/g:*",
       .log_stream_name = "job/algo-1-1"},
      caller_);
  EXPECT_THAT(messages(events), ElementsAre("a"));
}

TEST_F(LogsTest, FilteringMergesStreamsByTimeAndPagesWithoutLossOrRepetition) {
  logs_.create_stream({.log_group_name = "/g", .log_stream_name = "job/algo-2-1"}, caller_);
  put({{0, "a0"}, {2, "a2"}, {2, "a2'"}, {4, "a4"}});
  put({{1, "b1"}, {2, "b2"}, {3, "b3"}}, "job/algo-2-1");
  const std::vector<std::string> all{"a0", "b1", "a2", "a2'", "b2", "b3", "a4"};
  EXPECT_EQ(messages(filter({.interleaved = true})), all);
  for (std::int64_t limit = 1; limit <= 7; ++limit) {
    std::vector<std::string> collected;
    std::optional<std::string> token;
    do {
      const auto page =
          filter({.log_stream_name_prefix = "job/", .next_token = token, .limit = limit});
      EXPECT_LE(page.events->size(), static_cast<std::size_t>(limit));
      for (const std::string& message : messages(page)) collected.push_back(message);
      token = page.next_token;
    } while (token);
    EXPECT_EQ(collected, all) << "limit " << limit;
  }
}

TEST_F(LogsTest, FilteringSelectsByPatternStreamAndTime) {
  logs_.create_stream({.log_group_name = "/g", .log_stream_name = "other"}, caller_);
  put({{0, "ERROR one"}, {1, "fine"}, {2, "ERROR two"}});
  put({{1, "ERROR three"}}, "other");
  EXPECT_THAT(messages(filter({.filter_pattern = "ERROR"})),
              ElementsAre("ERROR one", "ERROR three", "ERROR two"));
  EXPECT_THAT(messages(filter({.log_stream_names = {{"other"}}, .filter_pattern = "ERROR"})),
              ElementsAre("ERROR three"));
  EXPECT_THAT(messages(filter({.start_time = base_ + 1, .end_time = base_ + 1})),
              ElementsAre("fine", "ERROR three"));
  EXPECT_EQ(refusal([&] { filter({.log_stream_names = {{"no"}}}); }),
            "ResourceNotFoundException: The specified log stream does not exist.");
  const auto first = filter({.filter_pattern = "ERROR", .limit = 3});
  EXPECT_FALSE(first.next_token) << "what is left does not match";
  EXPECT_NE(first.events->at(0).event_id, first.events->at(1).event_id);
}

TEST_F(LogsTest, DeletingAStreamOrGroupForgetsItsEvents) {
  put({{0, "a"}});
  logs_.delete_stream({.log_group_name = "/g", .log_stream_name = "job/algo-1-1"}, caller_);
  EXPECT_THAT(refusal([&] { get({}); }), HasSubstr("The specified log stream does not exist."));
  logs_.create_stream({.log_group_name = "/g", .log_stream_name = "job/algo-1-1"}, caller_);
  EXPECT_THAT(messages(get({})), IsEmpty());
  logs_.delete_group({.log_group_name = "/g"}, caller_);
  EXPECT_THAT(refusal([&] { get({}); }), HasSubstr("The specified log group does not exist."));
}

TEST_F(LogsTest, AJobsKeyWritesOnlyToItsOwnStreamsOfTheService) {
  records_.database().write([&](records::Connection& transaction) {
    Logs::ensure_stream(transaction, "111122223333", "/aws/sagemaker/TrainingJobs",
                        "mine/algo-1-1");
    Logs::ensure_stream(transaction, "111122223333", "/aws/sagemaker/TrainingJobs",
                        "other/algo-1-1");
  });
  caller_.job = "mine";
  const auto write = [&](const std::string& group, const std::string& stream) {
    return refusal([&] {
      logs_.put_events({.log_group_name = group,
                        .log_stream_name = stream,
                        .log_events = {{.timestamp = base_, .message = "m"}}},
                       caller_);
    });
  };
  EXPECT_EQ(write("/aws/sagemaker/TrainingJobs", "mine/algo-1-1"), "accepted");
  EXPECT_EQ(
      write("/aws/sagemaker/TrainingJobs", "other/algo-1-1"),
      "AccessDeniedException: User: arn:caller is not authorized to perform: logs:PutLogEvents");
  EXPECT_EQ(write("/g", "job/algo-1-1"), "accepted");
  EXPECT_THAT(refusal([&] { logs_.delete_group({.log_group_name = "/g"}, caller_); }),
              HasSubstr("AccessDenied"));
}

TEST_F(LogsTest, WhatAGroupCannotHaveIsRefusedByName) {
  EXPECT_THAT(
      refusal([&] { logs_.create_group({.log_group_name = "/k", .kms_key_id = "k"}, caller_); }),
      HasSubstr("kmsKeyId is not supported"));
  EXPECT_THAT(refusal([&] {
                logs_.create_group({.log_group_name = "/k", .tags = {{{"a", "b"}}}}, caller_);
              }),
              HasSubstr("tags of log groups are not supported"));
}

}  // namespace
}  // namespace millrace::logs
