package storage

import (
	"context"
	"database/sql"
	"fmt"

	"tidings/bot"
	"tidings/digest"
)

// inPack says that a source v stands in a pack p.
const inPack = `p.language = v.language AND p.subject = v.subject
	AND p.country = CASE WHEN v.subject = '` + digest.National + `' THEN v.country ELSE '' END`

// ListSources makes the operator's list: of all sources those given are on it,
// as AddSources adds them, the others are taken off it, as RetainSources does. If
// packs says that the sources are those of the packs, what the admins do not want
// to be served stays off the list. Of one that is given in several spellings the first
// stands.
func (s *Store) ListSources(ctx context.Context, sources []digest.Source, packs bool) error {
	return s.change(ctx, "list sources", func(ctx context.Context, tx *sql.Tx) error {
		if err := s.engine.lock(ctx, tx, lockSources); err != nil {
			return err
		}
		var addresses []string
		listed := map[string]bool{}
		for _, v := range sources {
			place := placeOf(v.Address)
			if listed[place] {
				continue
			}
			listed[place] = true
			if _, err := s.addSource(ctx, tx, v); err != nil {
				return err
			}
			addresses = append(addresses, v.Address)
		}
		if err := s.retainSources(ctx, tx, addresses); err != nil || !packs {
			return err
		}
		return delistUnserved(ctx, tx)
	})
}

// delistUnserved takes the sources of packs that are not served off the list.
func delistUnserved(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `UPDATE sources SET listed = 0,
			visited = CASE WHEN EXISTS (SELECT 1 FROM chat_sources c WHERE c.source_id = sources.id AND c.followed = 1) THEN 1 ELSE 0 END
		WHERE listed = 1 AND id IN (SELECT v.id FROM sources v JOIN unserved_packs p ON `+inPack+`)`)
	return err
}

// ServePacks puts the sources of packs on the list, or takes all of packs off it,
// from now on and after every start: sources are those of the packs. It is the
// same for all chats; what a chat mutes stays muted.
func (s *Store) ServePacks(ctx context.Context, packs []digest.Pack, sources []digest.Source, served bool) error {
	return s.change(ctx, fmt.Sprintf("serve %d packs: %t", len(packs), served), func(ctx context.Context, tx *sql.Tx) error {
		if err := s.engine.lock(ctx, tx, lockSources); err != nil {
			return err
		}
		statement := `INSERT INTO unserved_packs (language, subject, country) VALUES ($1, $2, $3) ON CONFLICT (language, subject, country) DO NOTHING`
		if served {
			statement = `DELETE FROM unserved_packs WHERE language = $1 AND subject = $2 AND country = $3`
		}
		for _, p := range packs {
			if _, err := tx.ExecContext(ctx, statement, clean(p.Language), clean(p.Subject), clean(p.Country)); err != nil {
				return err
			}
		}
		if !served {
			return delistUnserved(ctx, tx)
		}
		for _, v := range sources {
			if _, err := s.addSource(ctx, tx, v); err != nil {
				return err
			}
		}
		return nil
	})
}

// UnservedPacks returns the packs that the admins do not want to be served.
func (s *Store) UnservedPacks(ctx context.Context) (packs []digest.Pack, err error) {
	err = s.view(ctx, "read which packs are not served", func(ctx context.Context, tx *sql.Tx) error {
		packs, err = collect(ctx, tx, func(row scanner) (p digest.Pack, err error) {
			err = row.Scan(&p.Language, &p.Subject, &p.Country)
			return p, err
		}, `SELECT language, subject, country FROM unserved_packs ORDER BY language, subject, country`)
		return err
	})
	return packs, err
}

// MutePack mutes the listed sources of a pack for a chat, or lets them be heard
// again.
func (s *Store) MutePack(ctx context.Context, chat bot.ChatID, p digest.Pack, muted bool) error {
	return s.change(ctx, fmt.Sprintf("mute a pack in chat %d", chat), func(ctx context.Context, tx *sql.Tx) error {
		if _, err := chatByID(ctx, tx, chat, s.engine.forUpdate()); err != nil {
			return err
		}
		statement := `DELETE FROM chat_packs WHERE chat_id = $1 AND language = $2 AND subject = $3 AND country = $4`
		if muted {
			statement = `INSERT INTO chat_packs (chat_id, language, subject, country) VALUES ($1, $2, $3, $4)
				ON CONFLICT (chat_id, language, subject, country) DO NOTHING`
		}
		_, err := tx.ExecContext(ctx, statement, int64(chat), clean(p.Language), clean(p.Subject), clean(p.Country))
		return err
	})
}
