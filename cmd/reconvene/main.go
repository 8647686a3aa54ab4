// Command reconvene repairs meeting mail between Exchange and the rest of the
// world.
package main

import "fmt"

func main() { fmt.Println("reconvene") }
