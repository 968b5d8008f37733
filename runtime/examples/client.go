// Package sidecar tells the sidecar what this process works on, so that ECS doesn't stop the task meanwhile.
//
//	end := sidecar.New("").Unit("job-42")
//	defer end()
package sidecar

import (
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

const (
	defaultURL = "http://127.0.0.1:8383"
	ttl        = 15 * time.Minute
	timeout    = 2 * time.Second
)

// Client is safe for use by several goroutines.
type Client struct {
	url  string
	http *http.Client
}

// New takes the sidecar's URL; where it is empty, that of SPOTPROOF_SIDECAR_URL, or the default one.
func New(sidecarURL string) *Client {
	if sidecarURL == "" {
		sidecarURL = os.Getenv("SPOTPROOF_SIDECAR_URL")
	}
	if sidecarURL == "" {
		sidecarURL = defaultURL
	}
	return &Client{url: sidecarURL, http: &http.Client{Timeout: timeout}}
}

// Unit begins one unit of work and returns what ends it. It is renewed while it lasts; should this process die, it ends
// by itself. Protection that fails is logged and never stops the work.
func (c *Client) Unit(id string) (end func()) {
	c.call(http.MethodPut, id)
	ended, renewed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(renewed)
		c.renew(ended, id)
	}()
	var once sync.Once
	return func() {
		once.Do(func() {
			close(ended)
			// A renewal under way must not begin again what has ended.
			<-renewed
			c.call(http.MethodDelete, id)
		})
	}
}

func (c *Client) renew(ended <-chan struct{}, id string) {
	ticker := time.NewTicker(ttl / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ticker.C:
			c.call(http.MethodPut, id)
		}
	}
}

func (c *Client) call(method, id string) {
	target := fmt.Sprintf("%s/units/%s?ttlSeconds=%d", c.url, url.PathEscape(id), int(ttl.Seconds()))
	request, err := http.NewRequest(method, target, nil)
	if err != nil {
		log.Printf("work protection: %s %s: %v", method, target, err)
		return
	}
	answer, err := c.http.Do(request)
	if err != nil {
		log.Printf("work protection: %v", err)
		return
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		log.Printf("work protection: %s %s: %s", method, target, answer.Status)
	}
}
