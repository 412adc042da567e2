// How a thread that computes without pause gets something from its parent: it asks and stands still until the answer is there.
import { MessageChannel, receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import { ASK_SECONDS_MAX } from "./limits.ts";

/** The thread's end. Sent with its task, the port among what is transferred. */
export interface Parent {
  port: MessagePort;
  /** One Int32: 1 once there is an answer. */
  isAnswered: SharedArrayBuffer;
}

type Reply = { answer: unknown } | { failure: string };

/** The parent's end: `answer` is called with one question after the other, until `close`. */
export function createParent<Question>(answer: (question: Question) => Promise<unknown>): {
  parent: Parent;
  close: () => void;
} {
  const { port1, port2 } = new MessageChannel();
  const isAnswered = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const reply = (message: Reply) => {
    port1.postMessage(message);
    Atomics.store(new Int32Array(isAnswered), 0, 1);
    Atomics.notify(new Int32Array(isAnswered), 0);
  };
  port1.on("message", (question: Question) => {
    answer(question).then(
      (found) => reply({ answer: found }),
      (error: unknown) => reply({ failure: error instanceof Error ? error.message : String(error) }),
    );
  });
  port1.unref();
  return { parent: { port: port2, isAnswered }, close: () => port1.close() };
}

/** Throws when the parent failed to answer, or did not for ASK_SECONDS_MAX. */
export function askParent({ port, isAnswered }: Parent, question: unknown): unknown {
  const state = new Int32Array(isAnswered);
  Atomics.store(state, 0, 0);
  port.postMessage(question);
  // Second by second: of a machine that stood still for a minute one is missed, and the parent answers in the next.
  for (let seconds = 0; seconds < ASK_SECONDS_MAX; seconds++)
    if (Atomics.wait(state, 0, 0, 1000) !== "timed-out") break;
  const received = receiveMessageOnPort(port);
  if (!received) throw new Error(`the parent did not answer for ${ASK_SECONDS_MAX} s`);
  // Only createParent posts to this port.
  const reply = received.message as Reply;
  if ("failure" in reply) throw new Error(reply.failure);
  return reply.answer;
}
