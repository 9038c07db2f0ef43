/*
 * DNS load over UDP, every answer checked. Prints one line of JSON.
 *
 * Usage: load ADDRESS PORT NAMES SUBNETS RATE WINDOW SECONDS SEED CHECK SOURCE...
 *   NAMES    a file with one name per line: each query asks for the A records of a random one
 *   SUBNETS  "10.0.0.0/8": each query has a random /24 of it as EDNS Client Subnet; "none": plain EDNS
 *   RATE     queries per second on a fixed schedule; latency counts from the scheduled time. 0: as fast as answers come
 *   WINDOW   most queries under way (without a RATE)
 *   CHECK    "answers": NOERROR and at least one record; "echo": only id and QR
 *   SOURCE   local addresses to send from, one socket each
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
  BATCH = 64,
  SLOT = 512,
  IDS = 65536,
  MAX_NAMES = 200000,
  MAX_SOURCES = 16,
  RECEIVE_BUFFER = 4 * 1024 * 1024,
  /* Sends in a row that fail before we give up: nobody listens there. */
  MAX_REFUSALS = 1000,
};
/* A query without an answer by then is lost, in ns. Shorter than an id takes to come round again at 250,000 a second. */
static const uint64_t LOST_NS = 250 * 1000 * 1000;
static const uint64_t SWEEP_NS = 50 * 1000 * 1000;

struct question { unsigned char octets[264]; int length; };

/* One socket. `sent_at` holds for each id when its query was due, 0 where none is under way. */
struct flow { int fd; uint16_t next; int waiting; uint64_t sent_at[IDS]; };

struct counts { uint64_t sent, answered, wrong, lost, unexpected; };

static struct question *names;
static int name_count;
static struct flow flows[MAX_SOURCES];
static int flow_count;
static struct counts counts;
static uint32_t subnet_base, subnet_count;
static int with_subnet, only_echo;
static uint64_t chance;
static uint32_t *latencies;
static size_t latency_room, latency_count;
static int refusals;

static unsigned char packets[BATCH][SLOT];
static struct iovec parts[BATCH];
static struct mmsghdr messages[BATCH];

static void fail(const char *why) {
  fprintf(stderr, "load: %s\n", why);
  exit(2);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* xorshift64*, the upper half scaled to [0, below). */
static uint32_t random_below(uint32_t below) {
  chance ^= chance >> 12;
  chance ^= chance << 25;
  chance ^= chance >> 27;
  return (uint32_t)((((chance * 2685821657736338717u) >> 32) * below) >> 32);
}

/* Name, type A, class IN. Returns 0 where the text is no name. */
static int encode_question(const char *text, struct question *question) {
  unsigned char *at = question->octets;
  while (*text != 0) {
    size_t length = strcspn(text, ".");
    if (length == 0 || length > 63 || at + length + 6 > question->octets + 255) return 0;
    *at++ = (unsigned char)length;
    memcpy(at, text, length);
    at += length;
    text += length + (text[length] == '.');
  }
  memcpy(at, "\0\0\1\0\1", 5);
  question->length = (int)(at + 5 - question->octets);
  return 1;
}

static void read_names(const char *file) {
  FILE *in = fopen(file, "r");
  char line[300];
  names = calloc(MAX_NAMES, sizeof *names);
  if (in == NULL || names == NULL) fail("cannot read the names");
  while (name_count < MAX_NAMES && fgets(line, sizeof line, in) != NULL) {
    line[strcspn(line, "\r\n")] = 0;
    if (line[0] != 0 && encode_question(line, &names[name_count])) name_count++;
  }
  fclose(in);
  if (name_count == 0) fail("no names");
}

static void read_subnets(const char *text) {
  unsigned a, b, c, d, length;
  if (strcmp(text, "none") == 0) return;
  if (sscanf(text, "%u.%u.%u.%u/%u", &a, &b, &c, &d, &length) != 5 || length > 24 || length == 0) fail("no such subnet");
  with_subnet = 1;
  subnet_base = (a << 24) | (b << 16) | (c << 8) | d;
  subnet_count = 1u << (24 - length);
}

static void open_flow(const char *source, const struct sockaddr_in *server) {
  struct flow *flow = &flows[flow_count++];
  struct sockaddr_in here = {.sin_family = AF_INET};
  int size = RECEIVE_BUFFER;
  flow->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  flow->next = (uint16_t)random_below(IDS);
  if (flow->fd < 0 || inet_pton(AF_INET, source, &here.sin_addr) != 1) fail("no such source address");
  setsockopt(flow->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind(flow->fd, (struct sockaddr *)&here, sizeof here) != 0) fail("cannot bind the source address");
  if (connect(flow->fd, (const struct sockaddr *)server, sizeof *server) != 0) fail("cannot connect");
}

static size_t write_query(unsigned char *out, uint16_t id) {
  const struct question *question = &names[random_below((uint32_t)name_count)];
  static const unsigned char head[10] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 1};
  /* OPT, 1232 octets; the data is Client Subnet, IPv4, /24 (RFC 7871 section 6). */
  static const unsigned char opt[11] = {0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0};
  static const unsigned char ecs[8] = {0, 8, 0, 7, 0, 1, 24, 0};
  unsigned char *at = out;
  *at++ = (unsigned char)(id >> 8);
  *at++ = (unsigned char)id;
  memcpy(at, head, sizeof head);
  at += sizeof head;
  memcpy(at, question->octets, (size_t)question->length);
  at += question->length;
  memcpy(at, opt, sizeof opt);
  at += sizeof opt;
  if (with_subnet) {
    uint32_t subnet = subnet_base + (random_below(subnet_count) << 8);
    at[-1] = sizeof ecs + 3;
    memcpy(at, ecs, sizeof ecs);
    at += sizeof ecs;
    *at++ = (unsigned char)(subnet >> 24);
    *at++ = (unsigned char)(subnet >> 16);
    *at++ = (unsigned char)(subnet >> 8);
  }
  return (size_t)(at - out);
}

/* Sends up to `count` queries; `due` is when the first was due and `step` the time between two, in ns. */
static int send_queries(struct flow *flow, int count, uint64_t due, uint64_t step) {
  uint16_t first = flow->next;
  if (count > BATCH) count = BATCH;
  for (int i = 0; i < count; i++) {
    uint16_t id = (uint16_t)(first + i);
    if (flow->sent_at[id] != 0) {
      counts.lost++;
      flow->waiting--;
    }
    flow->sent_at[id] = due + (uint64_t)i * step;
    parts[i].iov_len = write_query(packets[i], id);
  }
  int sent = sendmmsg(flow->fd, messages, (unsigned)count, 0);
  if (sent <= 0) {
    sent = 0;
    if (errno != EAGAIN && ++refusals > MAX_REFUSALS) fail("the server does not take our queries");
  }
  for (int i = sent; i < count; i++) flow->sent_at[(uint16_t)(first + i)] = 0;
  flow->next = (uint16_t)(first + sent);
  flow->waiting += sent;
  counts.sent += (uint64_t)sent;
  return sent;
}

static int is_right(const unsigned char *packet, unsigned length) {
  if (length < 12 || (packet[2] & 0x80) == 0) return 0;
  if (only_echo) return 1;
  int truncated = packet[2] & 2, rcode = packet[3] & 15, records = (packet[6] << 8) | packet[7];
  return !truncated && rcode == 0 && records > 0;
}

static int receive_answers(struct flow *flow) {
  for (int i = 0; i < BATCH; i++) parts[i].iov_len = SLOT;
  int got = recvmmsg(flow->fd, messages, BATCH, MSG_DONTWAIT, NULL);
  uint64_t now = got > 0 ? now_ns() : 0;
  for (int i = 0; i < got; i++) {
    uint16_t id = (uint16_t)((packets[i][0] << 8) | packets[i][1]);
    uint64_t sent_at = flow->sent_at[id];
    if (sent_at == 0) {
      counts.unexpected++;
      continue;
    }
    flow->sent_at[id] = 0;
    flow->waiting--;
    if (!is_right(packets[i], messages[i].msg_len)) {
      counts.wrong++;
      continue;
    }
    counts.answered++;
    if (latency_count < latency_room) latencies[latency_count++] = (uint32_t)(now - sent_at);
  }
  return got > 0 ? got : 0;
}

/* Gives up on old queries, so that their places in the window are free again. */
static void sweep(uint64_t now) {
  for (int f = 0; f < flow_count; f++) {
    for (int id = 0; id < IDS; id++) {
      uint64_t sent_at = flows[f].sent_at[id];
      if (sent_at == 0 || sent_at + LOST_NS > now) continue;
      flows[f].sent_at[id] = 0;
      flows[f].waiting--;
      counts.lost++;
    }
  }
}

/* Fills every flow's part of the window again, but not by single packets: that would cost us more than the server. */
static void fill_windows(int window) {
  int share = window / flow_count;
  int least = share < BATCH ? share / 2 : BATCH / 2;
  for (int f = 0; f < flow_count; f++) {
    int room = share - flows[f].waiting;
    if (room > 0 && room >= least) send_queries(&flows[f], room, now_ns(), 0);
  }
}

static int waiting(void) {
  int all = 0;
  for (int f = 0; f < flow_count; f++) all += flows[f].waiting;
  return all;
}

static int by_size(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static double percentile(double part) {
  if (latency_count == 0) return 0;
  return latencies[(size_t)((double)(latency_count - 1) * part)] / 1000.0;
}

int main(int argc, char **argv) {
  if (argc < 11 || argc > 10 + MAX_SOURCES) fail("usage: see the head of the source");
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[2]))};
  if (inet_pton(AF_INET, argv[1], &server.sin_addr) != 1) fail("no such server address");
  read_names(argv[3]);
  read_subnets(argv[4]);
  double rate = atof(argv[5]), seconds = atof(argv[7]);
  int window = atoi(argv[6]);
  if (rate < 0 || seconds <= 0 || seconds > 600 || window < 1 || window > 32768) fail("out of bounds");
  chance = strtoull(argv[8], NULL, 10) * 2 + 0x9e3779b97f4a7c15u;
  only_echo = strcmp(argv[9], "echo") == 0;
  for (int i = 10; i < argc; i++) open_flow(argv[i], &server);
  for (int i = 0; i < BATCH; i++) {
    parts[i].iov_base = packets[i];
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  latency_room = (size_t)(rate * seconds);
  latencies = calloc(latency_room + 1, sizeof *latencies);
  if (latencies == NULL) fail("no memory");

  uint64_t start = now_ns(), now = start, swept = start;
  uint64_t end = start + (uint64_t)(seconds * 1e9);
  uint64_t step = rate > 0 ? (uint64_t)(1e9 / rate) : 0;
  uint64_t due = start;
  int turn = 0;
  while (now < end || (waiting() > 0 && now < end + 2 * LOST_NS)) {
    for (int f = 0; f < flow_count; f++) receive_answers(&flows[f]);
    now = now_ns();
    if (now < end && step == 0) fill_windows(window);
    if (now < end && step > 0 && due <= now) {
      int sent = send_queries(&flows[turn], (int)((now - due) / step) + 1, due, step);
      due += (uint64_t)sent * step;
      turn = (turn + 1) % flow_count;
    }
    if (now > swept + SWEEP_NS) {
      sweep(now);
      swept = now;
    }
  }
  counts.lost += (uint64_t)waiting();
  qsort(latencies, latency_count, sizeof *latencies, by_size);
  printf("{\"sent\":%llu,\"answered\":%llu,\"wrong\":%llu,\"lost\":%llu,\"unexpected\":%llu,\"seconds\":%.6f,"
         "\"p50Us\":%.1f,\"p99Us\":%.1f}\n",
         (unsigned long long)counts.sent, (unsigned long long)counts.answered, (unsigned long long)counts.wrong,
         (unsigned long long)counts.lost, (unsigned long long)counts.unexpected, seconds, percentile(0.5),
         percentile(0.99));
  return 0;
}
