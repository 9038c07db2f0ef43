/*
 * The practical limit of UDP sockets: what comes in goes out again with QR set. No parsing, no answer.
 * Usage: echo ADDRESS PORT. Ends on SIGTERM.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, SLOT = 1344, RECEIVE_BUFFER = 2 * 1024 * 1024 };

static unsigned char packets[BATCH][SLOT];
static struct sockaddr_in peers[BATCH];
static struct iovec parts[BATCH];
static struct mmsghdr messages[BATCH];

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(argv[2]))};
  if (inet_pton(AF_INET, argv[1], &here.sin_addr) != 1) return 2;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int size = RECEIVE_BUFFER;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  if (bind(fd, (struct sockaddr *)&here, sizeof here) != 0) return perror("bind"), 1;
  for (int i = 0; i < BATCH; i++) {
    parts[i].iov_base = packets[i];
    messages[i].msg_hdr = (struct msghdr){.msg_name = &peers[i], .msg_iov = &parts[i], .msg_iovlen = 1};
  }
  for (;;) {
    for (int i = 0; i < BATCH; i++) {
      parts[i].iov_len = SLOT;
      messages[i].msg_hdr.msg_namelen = sizeof peers[i];
    }
    int got = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    if (got <= 0) continue;
    for (int i = 0; i < got; i++) {
      parts[i].iov_len = messages[i].msg_len;
      packets[i][2] |= 0x80;
    }
    /* A message that cannot be sent is skipped, so that it does not hold up the others. */
    for (int done = 0; done < got;) {
      int sent = sendmmsg(fd, messages + done, (unsigned)(got - done), 0);
      done += sent > 0 ? sent : 1;
    }
  }
}
