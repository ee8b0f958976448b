// Codes: every stable identifier of a warning and of an error, and what each one means. The types of the codes and
// docs/errors.md (`node scripts/write-codes.mjs`) are made from these tables, and a test holds them to the sources.
// Sorted; a sentence says what happened and what to do.

/** Codes of {@link WarningEvent}: something to know, though the stream goes on. */
export const WARNING_CODES = {
  AFTER_END:
    'Frames came behind the end of the trim and are left out; stop pushing, or move the end.',
  ASPECT_DIFFERS:
    'A rendition has another aspect than the source and is shown with pixels that are not square; give its size one direction only to keep square pixels.',
  AUDIO_CHANGED:
    'Audio whose packets are copied changes its channels or sample rate and is encoded from there on, as segments have one header; name an audio codec to encode all of it.',
  AUDIO_ENDED_EARLY:
    'The audio ends before the video, where players may stop; give longer audio, or fill what is missing with silence (fillGaps).',
  AUDIO_GAP:
    'The audio has a gap that is not filled with silence, or one of hours; encode it instead of copying it, or mend its timestamps.',
  AUDIO_LEFT_OUT:
    'The audio input cannot be opened, or holds no audio, and strict is false, so the video comes without; give other audio, or set strict to be stopped by it.',
  AUDIO_MISSING:
    'No audio came by the time a manifest was written, which therefore names none; see why the audio is late or empty.',
  AUDIO_MIXED_DOWN:
    'The audio has more channels than its encoder takes and is mixed down; name another audio codec to keep them.',
  AUDIO_STALLED:
    'The audio input gave nothing for long after the video had ended, so the audio ends there; look at the input.',
  AUDIO_WAITS_FOR_VIDEO:
    'The audio is far ahead of the video and waits for it; push frames, or end the stream.',
  AUDIO_WITHOUT_PICTURE:
    'A source has sound before its first picture or behind its last one, which is left out; hold that picture meanwhile (holdPicture).',
  CLOCK_STEPPED:
    'The clock of the machine was set while a live stream ran; the manifests go on at their own pace, so stop and start the stream to follow the new time.',
  CODECS_UNKNOWN:
    'Nobody knows the RFC 6381 codecs string of what an encoder makes, so the manifest leaves it out and players may refuse the rendition; take another encoder.',
  COPY_REPLACED: 'What was to be copied has to be encoded, for the reason that the message gives.',
  DECODE_ERROR: 'Part of a source is damaged and left out; what could be decoded is packaged.',
  DELETE_REFUSED:
    'Old files of a live stream could not be deleted and stay where they are; allow it, or delete them yourself.',
  EDIT_NOT_COPIED:
    'An edit list hides part of a copied video without cutting at key frames, so the copy leaves out what is shown up to the next key frame; encode it to keep that.',
  EVENTS_LOST:
    'A for await loop over events is too slow, and its oldest events are left out; let it do its work elsewhere.',
  FRAME_TAGS_DIFFER:
    'A frame says another colour space or range than the stream was opened with and is taken as the stream says; convert the frame, or open the stream with its tags.',
  HARDWARE_FALLBACK:
    'A hardware encoder could not be opened, and the software encoder of the same codec encodes instead; listEncoders() tells what works here.',
  HDR_SOURCE:
    'Frames of an HDR source are not tone-mapped and look pale as SDR; tone-map them yourself, or transcode the source.',
  HDR_TONE_MAPPED: 'A source is HDR and its pictures are tone-mapped to BT.709.',
  IGNORED_OPTION:
    'An option has no effect here, for the reason that the message gives; leave it out.',
  INVALID_OPTION:
    'A wrong value was left out, because strict is false; mend it, or set strict to be stopped by it.',
  KEY_FRAME_MISSED:
    'An encoder made no key frame at the border of a segment, so its segments do not align with the others; take another encoder.',
  LIVE_CLOCK:
    'The times of live frames drift away from the wall clock, by which players follow; declare the rate at which frames really come, or give timestamps.',
  MANY_PENDING_FRAMES:
    'Many frames are pending, and their memory with them; await each write before the next.',
  MANY_PENDING_SAMPLES:
    'Seconds of audio are pending, and their memory with them; await each writeAudio before the next.',
  NO_AUDIO:
    'An option for audio has no effect, because there is no audio; leave it out, or give audio.',
  NO_DELETE:
    'Nothing can be deleted at this output, so a live stream leaves its old segments there.',
  NO_FRAMES: 'The stream ended before its first frame, so no manifest was written.',
  NO_KEY_FRAME:
    'A source does not begin with a key frame: its first pictures are left out, or may be damaged where none is known to be whole.',
  NO_PROGRAM:
    'An option that names an ffmpeg program has no effect, because none is used; leave it out.',
  ODD_SIZE:
    'Pictures have an odd width or height, and the last column or row is left out; give even sizes.',
  OPTION_REFUSED:
    'An encoder goes without an option that it did not take; mend or leave out the option.',
  ORIENTATION_NOT_COPIED:
    'A copied video is to be shown turned or mirrored, which its copy does not say; encode it instead.',
  SAMPLES_LEFT_OUT:
    'Samples that were pushed before the first frame have a time hours away from the frames and are left out; give times on the clock of the frames, in seconds.',
  SHAPE_CHANGED:
    'The pixels of a source change their aspect, or its pictures how they are turned; they are fitted into the first shape, with black bars where theirs differs.',
  SHORT_WINDOW:
    'A live playlist is shorter than three target durations (RFC 8216, 6.2.2), so players may stall; make the window longer.',
  SIZE_CHANGED: 'The pictures of a source change their size and are scaled to the first one.',
  TARGET_DURATION_CHANGED:
    "A live segment is longer than the playlist's target duration, which had to change; let frames come without pauses, or make segments longer.",
  THREAD_LEFT_BEHIND:
    'A thread that was told to end does not return from the system (a disk of the network, a driver); it is left behind, and what it uses is freed when it returns. Told as a process warning (StreamThreadWarning), not as an event.',
  TIMELINE_NEEDED:
    'Nothing came for the length of a segment, so that segments cannot be found by their number, and the MPD has a SegmentTimeline though none was asked for; leave timeline on where frames may pause.',
  TIMESTAMPS_DENSER_THAN_FRAME_RATE:
    'More frames come than the declared rate says, and rate control counts frames, so that the bitrate is exceeded by as much; declare the real frame rate.',
  TIMESTAMPS_NOT_IN_SECONDS:
    'The timestamps of frames look like milliseconds or microseconds, and are taken as seconds; divide them.',
  TIMESTAMP_JUMP: 'The times of a source jump; what follows is moved up to what came before.',
  TRACK_LEFT_OUT:
    'A track of a source cannot be decoded and another one is taken; name the track that you want, or install an FFmpeg that decodes it.',
  VIDEO_WAITS_FOR_AUDIO:
    'The video waits for an audio input that is still being opened; look at the input if that lasts.',
  WRITE_RETRIED:
    'A server refused or lost a file, and the second try went well; look at the server.',
} as const;

/** Codes of {@link StreamError}: a call was rejected or threw, and with it mostly the stream. */
export const ERROR_CODES = {
  ABORTED:
    'The work was stopped by abort(), a signal or the end of the process; cause has the reason.',
  ADDON_LOAD_FAILED:
    'The native addon is there but cannot be loaded; build it again for this Node and this FFmpeg (npm rebuild streamgear).',
  ADDON_NOT_FOUND:
    'The native addon is not built, or a bundler has put the package into another file; run npm rebuild streamgear, or keep it external (docs/bundlers.md).',
  AUDIO_FORMAT_UNSUPPORTED:
    'The audio encoder does not take the sample rate or the channels; ask for what the message lists.',
  AUDIO_PLANES: 'Samples have a wrong number of planes; give one array, or one for each channel.',
  AUDIO_TOO_SHORT: 'An array of samples is shorter than its count says; give whole samples.',
  BUFFER_DETACHED:
    'A buffer is empty or was transferred to another thread; push a buffer that is still yours.',
  BUFFER_RESIZABLE:
    'A buffer may shrink while another thread reads it; give one with a fixed length.',
  BUFFER_TOO_LONG:
    'A buffer has more bytes than a frame of its size and layout; say its real layout, or the stride of its rows. frameSplitter() cuts a stream of bytes into frames.',
  BUFFER_TOO_SHORT:
    'A buffer holds fewer bytes than the frame needs; give whole frames, and their true size and layout.',
  BUFFER_TOO_SMALL:
    'A buffer is too small to read a frame into; make it as large as the message says.',
  CODEC_NOT_IN_CONTAINER:
    'The segments cannot hold this codec; name another one, encode instead of copying, or take fMP4 segments.',
  COLOR_UNSUPPORTED:
    'The colours of a source cannot be converted, because this libavfilter lacks zscale; install an FFmpeg with libzimg.',
  CONVERSION_FAILED: 'A picture could not be converted for an encoder; name another -pix_fmt.',
  CONVERT_FAILED: 'A picture of a source could not be converted; the message has the reason.',
  COPY_WOULD_REVEAL:
    'A copy would show what the edit list of the source hides, because the shown part has no key frame; encode the video.',
  DECODER_NOT_FOUND:
    'This libavcodec cannot decode the audio; install an FFmpeg that does, or leave it out.',
  DECODER_OPEN_FAILED: 'The decoder of the audio could not be opened; the message has the reason.',
  DECODE_FAILED: 'Nothing of a stream could be decoded: it is damaged, or not what it says it is.',
  ENCODER_FAILED: 'An encoder failed while it was at work; the message and log have the reason.',
  ENCODER_NOT_FOUND: 'This libavcodec has no such encoder; listEncoders() tells which there are.',
  ENCODER_OPEN_FAILED:
    'An encoder refused its options or size; the message and log have the reason, listEncoders() tells what works here.',
  ENCODER_OPTION_UNKNOWN: 'An encoder does not know an option; mend its name, or leave it out.',
  FILTER_FAILED:
    'A filter chain (-vf, -af) could not be made or failed; the message has the reason.',
  FRAME_FORMAT_CHANGED:
    'A frame has another pixel layout than the first one; convert it, or open another stream.',
  FRAME_INCOMPLETE:
    'A stream of bytes ended within a frame; the message tells how many bytes are missing.',
  FRAME_NOT_8_BIT: 'A frame has more than 8 bits in a sample; convert it to 8 bits.',
  FRAME_NOT_DECODED:
    'A frame is the bytes of a picture file or a video; decode it to pixels first.',
  FRAME_PLANES: 'A frame has a wrong number of planes for its layout; give each plane once.',
  FRAME_SIZE_CHANGED:
    'A frame has another size than the first one; scale it, or open another stream.',
  FRAME_STRIDE: 'A stride is shorter than a row; give the bytes from one row to the next.',
  FRAME_TOO_SHORT: 'A plane is shorter than the frame needs; give whole frames.',
  HARDWARE_UNAVAILABLE:
    'A hardware encoder cannot run here; listEncoders() tells what works, and fallback: true encodes in software instead.',
  HDR_UNSUPPORTED:
    'An HDR source cannot be made SDR; install an FFmpeg with libzimg, or convert the source (Dolby Vision of profile 5 cannot be converted).',
  INVALID_FRAME:
    'What was pushed is no frame, or lies too far from the one before; only this call fails.',
  INVALID_OPTIONS:
    'Options are wrong; issues lists each with its path, what was expected and what came.',
  INVALID_SAMPLES: 'What was pushed are no samples of the declared format; only this call fails.',
  INVALID_STATE:
    'The call does not fit what the object is doing, as after its end or in the other mode; the message says what to do instead.',
  MUX_FAILED: 'A segment could not be made of the encoded packets; the message has the reason.',
  NO_AUDIO: 'A source lacks the audio that was asked for; name another track or another source.',
  NO_DECODER: 'This libavcodec cannot decode the video; install an FFmpeg that does.',
  NO_VIDEO: 'A source has no video, or none came before the end; give a source with video.',
  OUT_OF_MEMORY: 'The system gave no memory; run fewer streams, or smaller ones.',
  OUT_OF_RESOURCES: 'The system gave no thread or handle; run fewer streams.',
  RESAMPLER_FAILED: 'Samples could not be resampled; the message has the reason.',
  SCALE_FAILED: 'A picture could not be scaled; the message has the reason.',
  SIZE_UNSUPPORTED:
    'The pictures of a source are smaller than 2x2, larger than 16384x16384, or of a size that nobody could find out; look at the source.',
  SOURCE_CHANGED:
    'A copied source becomes another one midway (another size or other codec parameters), which one initialization cannot describe; what came before is packaged, encode it to have the whole.',
  SOURCE_ENCRYPTED:
    'The samples of a source are encrypted and nobody has given their key; decrypt it first.',
  SOURCE_NOT_OPEN: 'A source was closed, or taken by another stream, before it could be read.',
  SOURCE_OPEN_FAILED: 'A source cannot be read, or is no media; the message has the reason.',
  SOURCE_READ_FAILED: 'Reading a source stopped; the message has the reason.',
  SOURCE_TRUNCATED: 'A source ended early; what it had is packaged, and summary tells of it.',
  START_BEHIND_END: 'A trim starts behind the end of its source; start earlier.',
  THREAD_FAILED: 'A thread could not go on; the message has the reason.',
  TIMESTAMPS_MISSING: 'Video without presentation times cannot be copied; encode it instead.',
  TIMESTAMP_NOT_INCREASING:
    'A frame is not later than the one before it; give times that grow, in seconds.',
  UNKNOWN_OPTION:
    'The demuxer or protocol of a source does not know an option; mend or leave it out.',
  UPLOAD_FAILED: 'A picture could not be brought to a hardware device; the message has the reason.',
  WRITE_FAILED: 'A file could not be written; the message has the reason.',
} as const;

/**
 * Stable identifier of a warning; `docs/errors.md` tells what each one means.
 *
 * @category Events and figures
 */
export type WarningCode = keyof typeof WARNING_CODES;

/**
 * Stable identifier of a failure; `docs/errors.md` tells what each one means.
 *
 * @category Errors
 */
export type StreamErrorCode = keyof typeof ERROR_CODES;
