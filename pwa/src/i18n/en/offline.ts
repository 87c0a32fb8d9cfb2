/** What is said of what is kept on the device. */
export const offline = {}
