/**
 * Every limit of the wire, each with its unit and its reason. A sender keeps to them, a receiver checks them before it
 * allocates anything; what passes a limit is a protocol violation (SPEC P-1).
 */

/** Bytes of a piece, the last of a chunk excepted: one SCTP message that no browser fragments badly. */
export const PIECE_BYTES = 16 * 1024;

/** Largest chunk, bytes: 10 s at 25 Mbit/s. Bounds what one record can make a receiver allocate. */
export const MAX_CHUNK_BYTES = 32 * 1024 * 1024;

/** Follows from the two above. */
export const MAX_PIECES_PER_CHUNK = MAX_CHUNK_BYTES / PIECE_BYTES;

/** Largest media header (fMP4 initialisation section) in bytes; real ones are 0.6 to 4 kB, DRM ones up to 20 kB. */
export const MAX_INIT_BYTES = 64 * 1024;

/** Largest picture of a channel (poster, or the sheet of thumbnails) in bytes: a photograph of 2,000 pixels in good quality. */
export const MAX_PICTURE_BYTES = 2 * 1024 * 1024;

/** Largest peer message in bytes: one piece and its header, or a list that fits the same frame. */
export const MAX_MESSAGE_BYTES = PIECE_BYTES + 64;

/** Bytes of a digest (SHA-256, FIPS 180-4). */
export const DIGEST_BYTES = 32;

/** Bytes of a public key and of a signature (Ed25519, RFC 8032). */
export const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** Digests in one `hashes` message: they fill one piece-sized frame. */
export const MAX_HASHES_PER_MESSAGE = PIECE_BYTES / DIGEST_BYTES;

/** Signed records in one `records` message, and in one answer of the seeder. */
export const MAX_RECORDS_PER_MESSAGE = 64;

/** Chunks one buffer map spans: over two hours of 1 s chunks. */
export const MAX_BUFFER_MAP_CHUNKS = 8192;

/** Chunk indexes in one `have`. A batch is sent every few hundred milliseconds; more than this is a new buffer map. */
export const MAX_HAVES_PER_MESSAGE = 64;

/** Pieces one `request` asks for. */
export const MAX_PIECES_PER_REQUEST = 256;

/** Streams of a channel: qualities, audio languages and subtitles together. */
export const MAX_STREAMS = 32;

/** Peers in one introduction, and candidates in one answer of the tracker (PPLive's trackers also answered with 50). */
export const MAX_INTRODUCTIONS = 50;

/** Bytes of a membership ticket issued by a tracker. */
export const MAX_TICKET_BYTES = 160;

/** Characters of one WebRTC signal (an SDP with its candidates is 0.6 to 3 kB). */
export const MAX_SIGNAL_CHARS = 12 * 1024;

/** Characters of a channel's title. */
export const MAX_TITLE_CHARS = 200;

/** Chunks of a VoD channel's log: 48 h of 2 s chunks. Bounds the size of a description. */
export const MAX_LOG_CHUNKS = 86_400;

/** EXT-X-KEY tags of a stream: one for each chunk of six hours where keys change with each. */
export const MAX_STREAM_KEYS = 10_800;

/** Characters of one of them; DRM systems put their own headers (PSSH) into its URI. */
export const MAX_KEY_CHARS = 8 * 1024;

/** Media headers of a stream besides the newest: an encoder is set up anew less often than that while a window passes. */
export const MAX_EARLIER_INITS = 8;

/** Characters of a description's JSON: the longest log of a few streams; more streams mean shorter films. */
export const MAX_DESCRIPTION_CHARS = 4_000_000;

/** Bytes of one log entry: a signed record and the hashes of the largest chunk. What a tracker's head may weigh. */
export const MAX_LOG_ENTRY_BYTES = 65 + SIGNATURE_BYTES + MAX_PIECES_PER_CHUNK * DIGEST_BYTES;

/** Characters of one address of an ICE server; browsers refuse longer ones sooner. */
export const MAX_ICE_URL_CHARS = 512;
