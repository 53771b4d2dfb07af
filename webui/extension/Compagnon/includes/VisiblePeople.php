<?php

namespace MediaWiki\Extension\Compagnon;

use MediaWiki\User\UserIdentityLookup;
use MediaWiki\User\UserNameUtils;
use Title;

/**
 * Says which people may be named: nobody whom the wiki hides, and nobody under a name that they gave up.
 */
class VisiblePeople {

	private const MOST_PEOPLE = 3;
	private const MOST_PAGES = 3;
	/** The service names twice as many as are shown: some may not be. */
	private const MOST_ANSWERED = 40;

	/** @var UserIdentityLookup */
	private $users;

	/** @var UserNameUtils */
	private $names;

	/**
	 * @param UserIdentityLookup $users
	 * @param UserNameUtils $names
	 */
	public function __construct( $users, $names ) {
		$this->users = $users;
		$this->names = $names;
	}

	/**
	 * Read the people of an answer.
	 *
	 * @param array $data The decoded answer
	 * @return array[] Each with "name", "user" and "pages": each with "pageid", and "talk": the talk page where
	 *  the person is known from that alone, or null
	 * @throws ServiceAwayException They are not what they should be
	 */
	public static function read( array $data ): array {
		return Shape::listOf( $data, 'people', self::MOST_ANSWERED, static function ( $person ) {
			$pages = Shape::listOf( $person, 'pages', self::MOST_ANSWERED, static function ( $page ) {
				return [
					'pageid' => Shape::number( $page, 'pageid', 1 ),
					'talk' => isset( $page['talk'] ) ? Shape::number( $page, 'talk', 1 ) : null,
				];
			} );
			return [
				'name' => Shape::text( $person, 'name', 255 ),
				'user' => Shape::optionalText( $person, 'user', 255 ),
				'pages' => $pages,
			];
		} );
	}

	/**
	 * The pages that must be looked up to say who may be named.
	 *
	 * @param array[] $people As read
	 * @return int[]
	 */
	public static function pageIds( array $people ): array {
		$ids = [];
		foreach ( $people as $person ) {
			foreach ( $person['pages'] as $page ) {
				$ids[] = $page['pageid'];
				if ( $page['talk'] !== null ) {
					$ids[] = $page['talk'];
				}
			}
		}
		return $ids;
	}

	/**
	 * Who may be named to a reader, with the pages that the reader may see as evidence; nobody without any.
	 *
	 * @param array[] $people As read
	 * @param Title[] $visible The pages that the reader may see, by page id
	 * @return array[] Each with "name", "user" and "pages": "pageid" and "title", a Title
	 */
	public function shown( array $people, array $visible ): array {
		$shown = [];
		foreach ( $people as $person ) {
			$pages = [];
			foreach ( $person['pages'] as $page ) {
				$pageId = $page['pageid'];
				if ( isset( $visible[$pageId] ) && isset( $visible[$page['talk'] ?? $pageId] ) &&
					count( $pages ) < self::MOST_PAGES
				) {
					$pages[$pageId] = [ 'pageid' => $pageId, 'title' => $visible[$pageId] ];
				}
			}
			if ( $pages ) {
				$person['pages'] = array_values( $pages );
				$shown[] = $person;
			}
		}
		return array_slice( $this->filter( $shown ), 0, self::MOST_PEOPLE );
	}

	/**
	 * Leave out who may not be named.
	 *
	 * Who has an account is known by it. An account that the wiki does not know any more was renamed or merged
	 * away: its old name is not told. Who only imported edits is known, and has no account to lead to.
	 *
	 * @param array[] $people Each with "name", and "user": an account's name, or null
	 * @return array[] Those who stay, "user" null for those without an account
	 */
	private function filter( array $people ): array {
		$asked = [];
		foreach ( $people as $person ) {
			foreach ( [ $person['name'], $person['user'] ] as $name ) {
				$canonical = $this->canonical( $name );
				if ( $canonical !== null ) {
					$asked[$canonical] = $canonical;
				}
			}
		}
		if ( !$asked ) {
			return $people;
		}
		$asked = array_values( $asked );
		$known = $this->look( $asked, false );
		$hidden = $this->look( $asked, true );
		$stay = [];
		foreach ( $people as $person ) {
			$user = $this->canonical( $person['user'] );
			$name = $this->canonical( $person['name'] );
			if ( isset( $hidden[$user ?? ''] ) || isset( $hidden[$name ?? ''] ) ) {
				continue;
			}
			if ( $this->names->isIP( $person['name'] ) ) {
				continue;
			}
			if ( $person['user'] !== null && !isset( $known[$user ?? ''] ) ) {
				continue;
			}
			$person['user'] = $user !== null && $known[$user] ? $user : null;
			$stay[] = $person;
		}
		return $stay;
	}

	/**
	 * @param string[] $names
	 * @param bool $hidden Only those whom a block hides
	 * @return bool[] By name: whether there is an account
	 */
	private function look( array $names, bool $hidden ): array {
		$query = $this->users->newSelectQueryBuilder()->whereUserNames( $names )->caller( __METHOD__ );
		if ( $hidden ) {
			$query->hidden( true );
		}
		$found = [];
		foreach ( $query->fetchUserIdentities() as $user ) {
			$found[$user->getName()] = $user->isRegistered();
		}
		return $found;
	}

	/**
	 * A name as the wiki writes it, or null when no account could have it.
	 *
	 * @param string|null $name
	 * @return string|null
	 */
	private function canonical( ?string $name ): ?string {
		if ( $name === null ) {
			return null;
		}
		// Imported names ("source>Name") are valid here, and are no accounts.
		$canonical = $this->names->getCanonical( $name, UserNameUtils::RIGOR_NONE );
		return $canonical === false || $canonical === '' ? null : $canonical;
	}
}
