#include "platform/aws/rest_xml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.h"
#include "core/base/time.h"
#include "generated/aws/s3/operations.h"

namespace millrace::aws {
namespace {

namespace s3 = wire::s3;
using testing::HasSubstr;

const Router& router() {
  static const Router instance(s3::kService);
  return instance;
}

/// What a server makes of what a client sends: the document, for the operation that is routed to.
Json received(const http::Outgoing& sent, std::string_view expected_operation) {
  const std::string_view target = sent.target;
  const std::size_t question = target.find('?');
  const Parameters query(question == std::string_view::npos ? "" : target.substr(question + 1));
  const auto route = router().find(sent.method, target.substr(0, question), query, sent.headers);
  if (!route) return "no route";
  EXPECT_EQ(route->operation->name, expected_operation);
  return rest_request(*route, query, sent.headers, sent.content);
}

template <class Op>
typename Op::Request there(const typename Op::Request& request) {
  Json document;
  to_json(document, request);
  const http::Outgoing sent = rest_outgoing(s3::kService, Op::kOperation, document);
  typename Op::Request back;
  from_json(received(sent, Op::kOperation.name), back);
  return back;
}

template <class Op>
typename Op::Response back_again(const typename Op::Response& answer, std::string* body = nullptr) {
  Json document;
  to_json(document, answer);
  const http::Response response = rest_response(s3::kService, Op::kOperation, document, false);
  const std::string& text = std::get<std::string>(response.body);
  if (body != nullptr) *body = text;
  typename Op::Response received;
  from_json(rest_reply(Op::kOperation, response.status, response.headers, text), received);
  return received;
}

TEST(RestXml, ARequestArrivesAsItWasSent) {
  const s3::ListObjectsV2Request list{.bucket = "b", .delimiter = "/", .max_keys = 7, .prefix = "a b+c/\xC3\xA4"};
  EXPECT_EQ(there<s3::ops::ListObjectsV2>(list), list);

  const s3::HeadObjectRequest head{.bucket = "b",
                                   .if_match = "\"etag\"",
                                   .if_modified_since = from_millis(1714557600000),
                                   .key = "dir//name with space%+?&#.txt",
                                   .range = "bytes=0-9",
                                   .part_number = 3};
  EXPECT_EQ(there<s3::ops::HeadObject>(head), head);

  const s3::CopyObjectRequest copy{.bucket = "b",
                                   .copy_source = "/from/key%20x",
                                   .key = "k",
                                   .metadata = std::map<std::string, std::string>{{"one", "1"}, {"two", "zwei"}},
                                   .metadata_directive = "REPLACE"};
  EXPECT_EQ(there<s3::ops::CopyObject>(copy), copy);

  const s3::GetObjectAttributesRequest attributes{
      .bucket = "b", .key = "k", .object_attributes = {"ETag", "ObjectSize"}};
  EXPECT_EQ(there<s3::ops::GetObjectAttributes>(attributes), attributes);
}

TEST(RestXml, AnXmlBodyArrivesAsItWasSent) {
  const s3::DeleteObjectsRequest batch{
      .bucket = "b", .delete_ = {.objects = {{.key = "a & <b>"}, {.key = "\xC3\xA4", .version_id = "null"}}, .quiet = true}};
  EXPECT_EQ(there<s3::ops::DeleteObjects>(batch), batch);

  const s3::CompleteMultipartUploadRequest complete{
      .bucket = "b",
      .key = "k",
      .multipart_upload = s3::CompletedMultipartUpload{
          .parts = std::vector<s3::CompletedPart>{{.e_tag = "\"1\"", .part_number = 1, .checksum_crc64_nvme = "AAAA"},
                                                  {.e_tag = "\"2\"", .part_number = 2}}},
      .upload_id = "u/=+",
      .checksum_type = "FULL_OBJECT"};
  EXPECT_EQ(there<s3::ops::CompleteMultipartUpload>(complete), complete);

  const s3::PutObjectTaggingRequest tagging{.bucket = "b", .key = "k", .tagging = {.tag_set = {{.key = "a", .value = ""}}}};
  EXPECT_EQ(there<s3::ops::PutObjectTagging>(tagging), tagging);

  const s3::CreateBucketRequest create{
      .bucket = "b", .create_bucket_configuration = s3::CreateBucketConfiguration{.location_constraint = "eu-west-1"}};
  EXPECT_EQ(there<s3::ops::CreateBucket>(create), create);
}

TEST(RestXml, AnAnswerArrivesAsItWasSent) {
  const s3::ListObjectsV2Output list{
      .is_truncated = true,
      .contents = std::vector<s3::Object>{{.key = "a<&>\r\n",
                                           .last_modified = from_millis(1714557600123),
                                           .e_tag = "\"e\"",
                                           .size = std::int64_t{5} << 30,
                                           .storage_class = "STANDARD"}},
      .name = "b",
      .prefix = "",
      .max_keys = 1,
      .common_prefixes = std::vector<s3::CommonPrefix>{{.prefix = "p/"}, {.prefix = "q/"}},
      .key_count = 3,
      .next_continuation_token = "t"};
  std::string body;
  EXPECT_EQ(back_again<s3::ops::ListObjectsV2>(list, &body), list);
  EXPECT_THAT(body, HasSubstr("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"));
  EXPECT_THAT(body, HasSubstr("<LastModified>2024-05-01T10:00:00.123Z</LastModified>"));
  EXPECT_THAT(body, HasSubstr("<Prefix></Prefix>"));
  EXPECT_THAT(body, HasSubstr("<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes><CommonPrefixes>"));

  const s3::ListBucketsOutput buckets{
      .buckets = std::vector<s3::Bucket>{{.name = "x", .creation_date = from_millis(1000)}},
      .owner = s3::Owner{.display_name = "me", .id = "1"}};
  EXPECT_EQ(back_again<s3::ops::ListBuckets>(buckets, &body), buckets);
  EXPECT_THAT(body, HasSubstr("<ListAllMyBucketsResult xmlns="));
  EXPECT_THAT(body, HasSubstr("<Buckets><Bucket><Name>x</Name>"));

  const s3::CopyObjectOutput copied{
      .copy_object_result = s3::CopyObjectResult{.e_tag = "\"e\"", .last_modified = from_millis(0)}, .version_id = "null"};
  EXPECT_EQ(back_again<s3::ops::CopyObject>(copied, &body), copied);
  EXPECT_THAT(body, HasSubstr("<CopyObjectResult xmlns="));

  const s3::CreateMultipartUploadOutput upload{.bucket = "b", .key = "k", .upload_id = "u", .checksum_algorithm = "CRC32"};
  EXPECT_EQ(back_again<s3::ops::CreateMultipartUpload>(upload, &body), upload);
  EXPECT_THAT(body, HasSubstr("<InitiateMultipartUploadResult xmlns="));
  EXPECT_THAT(body, testing::Not(HasSubstr("CRC32"))) << "the algorithm travels in a header";
}

TEST(RestXml, TheLocationIsTheRootsOwnText) {
  std::string body;
  const s3::GetBucketLocationOutput west{.location_constraint = "us-west-2"};
  EXPECT_EQ(back_again<s3::ops::GetBucketLocation>(west, &body), west);
  EXPECT_THAT(body, HasSubstr("<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">us-west-2</"));
  back_again<s3::ops::GetBucketLocation>({}, &body);
  EXPECT_THAT(body, HasSubstr("<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></"));
}

TEST(RestXml, HeadersOfAnObjectsHead) {
  Json document;
  to_json(document, s3::HeadObjectOutput{.last_modified = from_millis(1714557600123),
                                         .content_length = 12,
                                         .e_tag = "\"e\"",
                                         .content_type = "text/plain",
                                         .metadata = std::map<std::string, std::string>{{"color", "blue"}},
                                         .checksum_crc64_nvme = "abc="});
  const http::Response response = rest_response(s3::kService, s3::ops::HeadObject::kOperation, document, true);
  EXPECT_EQ(response.announced_length, 12U);
  EXPECT_EQ(response.headers.find("Content-Length"), std::nullopt);
  EXPECT_EQ(response.headers.find("Last-Modified"), "Wed, 01 May 2024 10:00:00 GMT");
  EXPECT_EQ(response.headers.find("ETag"), "\"e\"");
  EXPECT_EQ(response.headers.find("Content-Type"), "text/plain");
  EXPECT_EQ(response.headers.find("x-amz-checksum-crc64nvme"), "abc=");
  EXPECT_EQ(response.headers.find("x-amz-meta-color"), "blue");
}

TEST(RestXml, StatusOfTheModel) {
  EXPECT_EQ(rest_response(s3::kService, s3::ops::DeleteObject::kOperation, Json::object(), false).status, 204);
  EXPECT_EQ(rest_response(s3::kService, s3::ops::PutObject::kOperation, Json::object(), false).status, 200);
}

std::string refusal(std::string_view method, std::string_view path, std::string_view query_text,
                    const http::Headers& headers, std::string_view body) {
  const Parameters query(query_text);
  const auto route = router().find(method, path, query, headers);
  try {
    return "accepted " + to_text(rest_request(*route, query, headers, body));
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
}

TEST(RestXml, TextOfTheWrongKindIsAnInvalidArgument) {
  EXPECT_THAT(refusal("GET", "/b", "list-type=2&max-keys=ten", {}, ""),
              HasSubstr("InvalidArgument: Provided max-keys 'ten' is not a 32-bit whole number."));
  EXPECT_THAT(refusal("GET", "/b", "list-type=2&fetch-owner=maybe", {}, ""), HasSubstr("not true or false"));
}

TEST(RestXml, AnUnreadableDateConditionIsNoCondition) {
  http::Headers headers;
  headers.add("If-Modified-Since", "yesterday");
  EXPECT_EQ(refusal("GET", "/b/k", "", headers, ""), "accepted {\"Bucket\":\"b\",\"Key\":\"k\"}");
}

TEST(RestXml, AnEmptyParameterIsTheDefault) {
  EXPECT_EQ(refusal("GET", "/b", "max-keys=&prefix=", {}, ""), "accepted {\"Bucket\":\"b\",\"Prefix\":\"\"}");
}

TEST(RestXml, MetadataNamesAreInLowerCaseAndRepeatsAreJoined) {
  http::Headers headers;
  headers.add("X-Amz-Meta-Color", "blue");
  headers.add("x-amz-meta-color", "green");
  EXPECT_THAT(refusal("PUT", "/b/k", "", headers, ""), HasSubstr("\"Metadata\":{\"color\":\"blue,green\"}"));
}

TEST(RestXml, BadXmlIsMalformedXml) {
  EXPECT_THAT(refusal("POST", "/b", "delete", {}, "<Delete><Object>"), HasSubstr("MalformedXML: "));
  EXPECT_THAT(refusal("POST", "/b", "delete", {}, "<Tagging/>"), HasSubstr("the root element must be 'Delete', not 'Tagging'"));
  EXPECT_THAT(refusal("POST", "/b/k", "uploadId=u", {},
                      "<CompleteMultipartUpload><Part><PartNumber>one</PartNumber></Part></CompleteMultipartUpload>"),
              HasSubstr("MalformedXML: The XML you provided was not well-formed or did not validate against our published "
                        "schema: element 'PartNumber' must be a 32-bit whole number, not 'one'"));
}

}  // namespace
}  // namespace millrace::aws
