#include "manifest/m3u8.h"

#include <gtest/gtest.h>

#include "presentations.h"

namespace streamgear {
namespace {

using test::AudioTrack;
using test::kSixOClock;
using test::Segments;
using test::VideoTrack;

/// 29.97 fps in segments of 4 s: 4.004 s each and a rest.
PresentationModel VodOfTransportStream() {
  PresentationModel presentation;
  presentation.ended = true;
  presentation.playlist_type = "vod";
  presentation.target_duration = 4;
  TrackModel track = VideoTrack("0", 1280, 720, 3'000'000);
  track.init_name = "";
  track.segments = Segments(0, 0, {360360, 360360, 48048}, "chunk-stream-", ".ts");
  presentation.tracks.push_back(track);
  return presentation;
}

PresentationModel LiveOfFragmentedMp4() {
  PresentationModel presentation;
  presentation.live = true;
  presentation.target_duration = 2;
  TrackModel track = VideoTrack("1", 640, 360, 1'000'000);
  track.init_name = "init_1.mp4";
  track.segments = Segments(7, 1'260'000, {180000, 180000, 183600}, "chunk-stream1-", ".m4s");
  double time = kSixOClock + 14;
  for (SegmentEntry& segment : track.segments) {
    segment.program_date_time = time;
    time += static_cast<double>(segment.duration) / 90000;
  }
  track.media_sequence = 7;
  presentation.tracks.push_back(track);
  return presentation;
}

std::string Playlist(const PresentationModel& presentation) {
  return WriteMediaPlaylist(presentation, presentation.tracks.front());
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(MediaPlaylist, VodOfTransportStream) {
  EXPECT_EQ(Playlist(VodOfTransportStream()), R"(#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXTINF:4.004000,
chunk-stream-0.ts
#EXTINF:4.004000,
chunk-stream-1.ts
#EXTINF:0.533867,
chunk-stream-2.ts
#EXT-X-ENDLIST
)");
}

TEST(MediaPlaylist, DoesNotPromiseIndependentSegmentsOfCopiedVideo) {
  PresentationModel presentation = LiveOfFragmentedMp4();
  presentation.independent_segments = false;
  EXPECT_EQ(Playlist(presentation).find("INDEPENDENT"), std::string::npos);
  EXPECT_EQ(WriteMultivariantPlaylist(presentation).find("INDEPENDENT"), std::string::npos);
}

TEST(MediaPlaylist, LiveOfFragmentedMp4) {
  EXPECT_EQ(Playlist(LiveOfFragmentedMp4()), R"(#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init_1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T06:00:14.000Z
#EXTINF:2.000000,
chunk-stream1-7.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T06:00:16.000Z
#EXTINF:2.000000,
chunk-stream1-8.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-11-20T06:00:18.000Z
#EXTINF:2.040000,
chunk-stream1-9.m4s
)");
}

TEST(MediaPlaylist, DiscontinuitiesAreListedAndCounted) {
  PresentationModel presentation = LiveOfFragmentedMp4();
  presentation.tracks[0].segments[1].discontinuity = true;
  presentation.tracks[0].discontinuity_sequence = 3;
  const std::string text = Playlist(presentation);
  EXPECT_TRUE(Contains(text, "#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-DISCONTINUITY-SEQUENCE:3\n"));
  EXPECT_TRUE(Contains(text,
                       "chunk-stream1-7.m4s\n"
                       "#EXT-X-DISCONTINUITY\n"
                       "#EXT-X-PROGRAM-DATE-TIME:2026-11-20T06:00:16.000Z\n"));
}

TEST(MediaPlaylist, WhatIsNotThereIsAGap) {
  PresentationModel presentation = LiveOfFragmentedMp4();
  presentation.tracks[0].segments[1].gap = true;
  const std::string text = Playlist(presentation);
  EXPECT_TRUE(Contains(text, "#EXT-X-VERSION:8\n"));
  EXPECT_TRUE(Contains(text,
                       "chunk-stream1-7.m4s\n"
                       "#EXT-X-GAP\n"
                       "#EXT-X-PROGRAM-DATE-TIME:2026-11-20T06:00:16.000Z\n"
                       "#EXTINF:2.000000,\nchunk-stream1-8.m4s\n"));
}

TEST(MediaPlaylist, EndIsSaidOnceItIsThere) {
  PresentationModel presentation = LiveOfFragmentedMp4();
  EXPECT_FALSE(Contains(Playlist(presentation), "ENDLIST"));
  presentation.ended = true;
  EXPECT_TRUE(Playlist(presentation).ends_with("chunk-stream1-9.m4s\n#EXT-X-ENDLIST\n"));
  presentation.omit_endlist = true;
  EXPECT_TRUE(Playlist(presentation).ends_with("chunk-stream1-9.m4s\n"));
}

TEST(MediaPlaylist, PlaylistTypeEvent) {
  PresentationModel presentation = LiveOfFragmentedMp4();
  presentation.playlist_type = "event";
  EXPECT_TRUE(Contains(Playlist(presentation), "#EXT-X-PLAYLIST-TYPE:EVENT\n"));
}

TEST(MediaPlaylist, RoundedDurations) {
  PresentationModel presentation = VodOfTransportStream();
  presentation.round_durations = true;
  const std::string text = Playlist(presentation);
  EXPECT_TRUE(Contains(text, "#EXTINF:4,\nchunk-stream-1.ts\n#EXTINF:1,\nchunk-stream-2.ts\n"));
}

TEST(MediaPlaylist, BaseUrlStandsBeforeEveryEntryAndNamesAreEscaped) {
  PresentationModel presentation = LiveOfFragmentedMp4();
  presentation.base_url = "https://cdn.example/a%20b/";
  presentation.tracks[0].init_name = "init #1.mp4";
  presentation.tracks[0].segments[0].name = "50% \"a:b\".m4s";
  const std::string text = Playlist(presentation);
  EXPECT_TRUE(Contains(text, "#EXT-X-MAP:URI=\"https://cdn.example/a%20b/init%20%231.mp4\"\n"));
  EXPECT_TRUE(Contains(text, "\nhttps://cdn.example/a%20b/50%25%20%22a%3Ab%22.m4s\n"));
  EXPECT_TRUE(Contains(text, "\nhttps://cdn.example/a%20b/chunk-stream1-8.m4s\n"));
}

PresentationModel LadderWithAudio() {
  PresentationModel presentation;
  presentation.ended = true;
  TrackModel high = VideoTrack("0", 1280, 720, 3'200'000);
  high.average_bandwidth = 2'900'000;
  high.frame_rate = {30000, 1001};
  TrackModel low = VideoTrack("1", 320, 240, 300'000);
  low.codecs = "avc1.64000d";
  low.average_bandwidth = 280'000;
  low.frame_rate = {24000, 1001};
  low.sample_aspect_ratio = {4, 3};
  TrackModel english = AudioTrack("2");
  english.language = "en";
  english.name = "English";
  TrackModel german = AudioTrack("3");
  german.language = "de";
  german.name = "Deutsch";
  german.codecs = "mp4a.40.5";
  german.channels = 6;
  german.peak_bandwidth = 400'000;
  german.average_bandwidth = 384'000;
  presentation.tracks = {high, low, english, german};
  return presentation;
}

TEST(MultivariantPlaylist, LadderWithAudio) {
  EXPECT_EQ(WriteMultivariantPlaylist(LadderWithAudio()), R"(#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="stream_2.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Deutsch",LANGUAGE="de",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="6",URI="stream_3.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=3600000,AVERAGE-BANDWIDTH=3284000,CODECS="avc1.640028,mp4a.40.2,mp4a.40.5",RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO="audio"
stream_0.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=700000,AVERAGE-BANDWIDTH=664000,CODECS="avc1.64000d,mp4a.40.2,mp4a.40.5",RESOLUTION=320x240,FRAME-RATE=23.976,AUDIO="audio"
stream_1.m3u8
)");
}

TEST(MultivariantPlaylist, BitratesOfTheAudioAreGroupsOfTheirOwn) {
  PresentationModel presentation = LadderWithAudio();
  for (TrackModel& track : presentation.tracks) track.language = track.name = "";
  presentation.tracks[1].audio_group = 1;
  presentation.tracks[3].audio_group = 1;
  presentation.tracks[3].codecs = "mp4a.40.2";
  EXPECT_EQ(WriteMultivariantPlaylist(presentation), R"(#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="stream_2.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio-1",NAME="Audio",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="6",URI="stream_3.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=3330000,AVERAGE-BANDWIDTH=3028000,CODECS="avc1.640028,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO="audio"
stream_0.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=700000,AVERAGE-BANDWIDTH=664000,CODECS="avc1.64000d,mp4a.40.2",RESOLUTION=320x240,FRAME-RATE=23.976,AUDIO="audio-1"
stream_1.m3u8
)");
}

TEST(MultivariantPlaylist, AGroupThatIsNotThereIsNotNamed) {
  PresentationModel presentation = LadderWithAudio();
  presentation.tracks.resize(3);
  presentation.tracks[1].audio_group = 1;
  const std::string text = WriteMultivariantPlaylist(presentation);
  EXPECT_TRUE(Contains(text, "FRAME-RATE=29.970,AUDIO=\"audio\"\n"));
  EXPECT_TRUE(Contains(text, "BANDWIDTH=300000,AVERAGE-BANDWIDTH=280000,CODECS=\"avc1.64000d\","));
}

TEST(MultivariantPlaylist, VideoAlone) {
  PresentationModel presentation = VodOfTransportStream();
  EXPECT_EQ(WriteMultivariantPlaylist(presentation), R"(#EXTM3U
#EXT-X-VERSION:3
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=3000000,CODECS="avc1.640028",RESOLUTION=1280x720,FRAME-RATE=25.000
stream_0.m3u8
)");
}

TEST(MultivariantPlaylist, AudioAlone) {
  PresentationModel presentation;
  presentation.tracks = {AudioTrack("0")};
  EXPECT_EQ(WriteMultivariantPlaylist(presentation), R"(#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=130000,AVERAGE-BANDWIDTH=128000,CODECS="mp4a.40.2"
stream_0.m3u8
)");
}

TEST(MultivariantPlaylist, WhatIsUnknownIsNotStated) {
  PresentationModel presentation = LadderWithAudio();
  presentation.tracks[2].average_bandwidth = 0;  // of one audio track, so of every sum
  presentation.tracks[0].codecs = "";            // a list without the video's would be false
  presentation.tracks[1].frame_rate = {0, 1};
  presentation.tracks[3].channels = 0;
  presentation.tracks[3].language = "";
  presentation.tracks[3].name = "";
  const std::string text = WriteMultivariantPlaylist(presentation);
  EXPECT_FALSE(Contains(text, "AVERAGE-BANDWIDTH"));
  EXPECT_TRUE(Contains(text, "BANDWIDTH=3600000,RESOLUTION=1280x720,FRAME-RATE=29.970,AUDIO="));
  EXPECT_TRUE(Contains(text, "RESOLUTION=320x240,AUDIO="));
  EXPECT_TRUE(Contains(text, "NAME=\"Audio 2\",DEFAULT=NO,AUTOSELECT=YES,URI="));
}

TEST(MultivariantPlaylist, ResolutionIsTheCodedSize) {
  PresentationModel presentation = VodOfTransportStream();
  presentation.tracks[0].width = 854;
  presentation.tracks[0].height = 480;
  presentation.tracks[0].sample_aspect_ratio = {1280, 1281};
  EXPECT_TRUE(Contains(WriteMultivariantPlaylist(presentation), "RESOLUTION=854x480,"));
}

TEST(MultivariantPlaylist, AQuotedStringNeverEndsEarly) {
  PresentationModel presentation = LadderWithAudio();
  presentation.tracks[2].name = "a \"b\"\r\n#EXT-X-FAKE";
  const std::string text = WriteMultivariantPlaylist(presentation);
  EXPECT_TRUE(Contains(text, "NAME=\"a 'b'  #EXT-X-FAKE\",LANGUAGE"));
}

TEST(MultivariantPlaylist, AQuotedStringIsTextWithoutControls) {
  PresentationModel presentation = LadderWithAudio();
  presentation.tracks[2].name = "caf\xe9 \uFFFE\t\x7f\u0085\u00A0";
  const std::string text = WriteMultivariantPlaylist(presentation);
  EXPECT_TRUE(Contains(text, "NAME=\"caf\uFFFD \uFFFD   \u00A0\",LANGUAGE"));
}

}  // namespace
}  // namespace streamgear
