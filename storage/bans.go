package storage

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"tidings/bot"
	"tidings/digest"
)

// Ban keeps that a user is not served, as a keyed hash of their Telegram id,
// and erases their private chat; the id itself is not kept. It says whether
// they were not banned before.
func (s *Store) Ban(ctx context.Context, user int64, now time.Time) (fresh bool, err error) {
	err = s.change(ctx, "ban a user", func(ctx context.Context, tx *sql.Tx) error {
		hash, err := s.banHash(ctx, tx, user)
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `INSERT INTO bans (hash, at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING`, hash, ms(now))
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil {
			return err
		}
		fresh = n > 0
		chats, err := collect(ctx, tx, scanOne[bot.ChatID], `SELECT id FROM chats WHERE telegram = $1`, user)
		if err != nil {
			return err
		}
		for _, chat := range chats {
			if err := s.eraseChat(ctx, tx, chat); err != nil {
				return err
			}
		}
		return nil
	})
	return fresh, err
}

// Unban takes a ban back. ErrNotFound says that there was none.
func (s *Store) Unban(ctx context.Context, user int64) error {
	return s.change(ctx, "unban a user", func(ctx context.Context, tx *sql.Tx) error {
		hash, err := s.banHash(ctx, tx, user)
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `DELETE FROM bans WHERE hash = $1`, hash)
		return touched(result, err, digest.ErrNotFound)
	})
}

// Banned says whether a user is banned. While nobody is, it costs one look.
func (s *Store) Banned(ctx context.Context, user int64) (banned bool, err error) {
	err = s.view(ctx, "look for a ban", func(ctx context.Context, tx *sql.Tx) error {
		banned, err = isBanned(ctx, tx, user)
		return err
	})
	return banned, err
}

func isBanned(ctx context.Context, tx *sql.Tx, user int64) (banned bool, err error) {
	key, err := banKey(ctx, tx)
	if err != nil || key == nil { // without a key nobody was ever banned
		return false, err
	}
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM bans WHERE hash = $1)`, keyedHash(key, user)).Scan(&banned)
	return banned, err
}

// banHash is what is kept of a user, with the key made when it is first needed.
func (s *Store) banHash(ctx context.Context, tx *sql.Tx, user int64) (string, error) {
	key, err := banKey(ctx, tx)
	if err != nil {
		return "", err
	}
	if key == nil {
		fresh := make([]byte, sha256.Size)
		rand.Read(fresh)
		_, err := tx.ExecContext(ctx, `INSERT INTO secrets (name, value) VALUES ('bans', $1) ON CONFLICT (name) DO NOTHING`, hex.EncodeToString(fresh))
		if err != nil {
			return "", err
		}
		if key, err = banKey(ctx, tx); err != nil { // perhaps another's
			return "", err
		}
	}
	return keyedHash(key, user), nil
}

// banKey is nil when none was made yet.
func banKey(ctx context.Context, tx *sql.Tx) ([]byte, error) {
	var text string
	err := tx.QueryRowContext(ctx, `SELECT value FROM secrets WHERE name = 'bans'`).Scan(&text)
	if err == sql.ErrNoRows {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != sha256.Size {
		return nil, fmt.Errorf("%w: the key of bans is damaged", ErrUnusable)
	}
	return key, nil
}

func keyedHash(key []byte, user int64) string {
	h := hmac.New(sha256.New, key)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(user)))
	return hex.EncodeToString(h.Sum(nil))
}
