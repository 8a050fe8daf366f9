// Checklog checks a deletion log and proofs of it with the packages that check Go's own checksum database.
// Usage: checklog FOLDER VKEY < proofs.json, or with keys of witnesses that have to have cosigned after the VKEY.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type proofs struct {
	// Of each entry, in the tree of the checkpoint.
	Inclusion [][]tlog.Hash
	// From the tree of each size, 1 and up, to that of the checkpoint.
	Consistency [][]tlog.Hash
}

func main() {
	log.SetFlags(0)
	folder, vkey := os.Args[1], os.Args[2]
	size, root := openCheckpoint(folder, vkey)
	if len(os.Args) > 3 {
		cosigned := 0
		for _, witness := range os.Args[3:] {
			openCosigned(folder, witness)
			cosigned++
		}
		fmt.Printf("{\"size\":%d,\"cosigned\":%d}\n", size, cosigned)
		return
	}

	var stored []tlog.Hash
	var leaves []tlog.Hash
	var roots []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for _, entry := range entries(folder, size) {
		n := int64(len(leaves))
		added, err := tlog.StoredHashes(n, entry, reader)
		must(err)
		stored = append(stored, added...)
		leaves = append(leaves, tlog.RecordHash(entry))
		own, err := tlog.TreeHash(n+1, reader)
		must(err)
		roots = append(roots, own)
	}
	if roots[size-1] != root {
		log.Fatal("the entries do not give the signed root")
	}

	var given proofs
	must(json.NewDecoder(os.Stdin).Decode(&given))
	included, consistent, refused := 0, 0, 0
	for index, proof := range given.Inclusion {
		must(tlog.CheckRecord(proof, size, root, int64(index), leaves[index]))
		included++
		if tlog.CheckRecord(altered(proof), size, root, int64(index), leaves[index]) == nil {
			log.Fatalf("an altered proof of entry %d was accepted", index)
		}
		refused++
	}
	for at, proof := range given.Consistency {
		must(tlog.CheckTree(proof, size, root, int64(at+1), roots[at]))
		consistent++
	}
	fmt.Printf("{\"size\":%d,\"included\":%d,\"consistent\":%d,\"refused\":%d}\n", size, included, consistent, refused)
}

func altered(proof []tlog.Hash) []tlog.Hash {
	other := append([]tlog.Hash{}, proof...)
	other[0][0] ^= 1
	return other
}

func openCheckpoint(folder, vkey string) (int64, tlog.Hash) {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		log.Fatal("the checkpoint is of another log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return size, root
}

// A cosigner checks Ed25519 cosignatures, which the package note does not know: it takes any verifier.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

func openCosigned(folder, vkey string) {
	parts := strings.SplitN(vkey, "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	if len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		log.Fatal("not the key of an Ed25519 witness")
	}
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	must(err)
	own := cosigner{parts[0], binary.BigEndian.Uint32(id[:4]), key[1:]}
	if fmt.Sprintf("%08x", own.hash) != parts[1] {
		log.Fatal("the id of the key is another one")
	}
	_, err = note.Open(text, note.VerifierList(own))
	must(err)
}

func entries(folder string, size int64) [][]byte {
	var all [][]byte
	for n := int64(0); n*256 < size; n++ {
		// The packages name tiles in the same way, with the height before the level.
		width := size - n*256
		if width > 256 {
			width = 256
		}
		path := strings.TrimPrefix(tlog.Tile{H: 8, L: -1, N: n, W: int(width)}.Path(), "tile/8/data/")
		bytes, err := os.ReadFile(filepath.Join(folder, "tile", "entries", path))
		must(err)
		for len(bytes) > 0 {
			length := int(binary.BigEndian.Uint16(bytes))
			all = append(all, bytes[2:2+length])
			bytes = bytes[2+length:]
		}
	}
	return all
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
