package main

// eventStartFailed is the Event Log's number for a service that did not start.
const eventStartFailed = 1003
