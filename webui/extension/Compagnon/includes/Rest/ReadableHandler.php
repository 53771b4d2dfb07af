<?php

namespace MediaWiki\Extension\Compagnon\Rest;

use MediaWiki\Extension\Compagnon\AskedByService;
use MediaWiki\Extension\Compagnon\ServiceClient;
use MediaWiki\Page\PageStore;
use MediaWiki\Rest\Response;
use MediaWiki\User\UserFactory;
use MediaWiki\User\UserGroupManager;
use MediaWiki\User\UserIdentityLookup;
use User;

/**
 * POST /compagnon/v0/readable: which of these pages an account may read, asked by the service for who is signed in there.
 *
 * The body is {"user": number of the account, "pageids": [...]}, 500 pages at most, and may be without pages. 200 with
 * {"user": {"id", "name", "groups", "blocked"} or null, "pageids": [...]}: no account, or one that the wiki hides or locks,
 * is null and may read nothing. 404 while the wiki's settings have no secret, 403 to everybody but the service, 400 and
 * 413 for what is no request.
 */
class ReadableHandler extends ServiceHandler {

	private const ROUTE = '/compagnon/v0/readable';
	private const MOST_BYTES = 20000;
	private const MOST_PAGES = 500;

	/** @var AskedByService */
	private $asked;

	/** @var PageStore */
	private $pages;

	/** @var UserIdentityLookup */
	private $identities;

	/** @var UserFactory */
	private $users;

	/** @var UserGroupManager */
	private $groups;

	/**
	 * @param ServiceClient $client
	 * @param AskedByService $asked
	 * @param PageStore $pages
	 * @param UserIdentityLookup $identities
	 * @param UserFactory $users
	 * @param UserGroupManager $groups
	 */
	public function __construct(
		ServiceClient $client, AskedByService $asked, $pages, $identities, $users, $groups
	) {
		parent::__construct( $client );
		$this->asked = $asked;
		$this->pages = $pages;
		$this->identities = $identities;
		$this->users = $users;
		$this->groups = $groups;
	}

	/**
	 * Who asks has no account: on a private wiki, too, the signature says who it is.
	 *
	 * @inheritDoc
	 */
	public function needsReadAccess() {
		return false;
	}

	/** @inheritDoc */
	public function execute(): Response {
		if ( !$this->asked->isPossible() ) {
			return $this->refuse( 404 );
		}
		if ( $this->isTooLarge( self::MOST_BYTES ) ) {
			return $this->refuse( 413 );
		}
		$body = (string)$this->readBody( self::MOST_BYTES );
		$header = $this->getRequest()->getHeaderLine( AskedByService::HEADER );
		if ( !$this->asked->isGood( $header, 'POST', self::ROUTE, $body ) ) {
			return $this->refuse( 403 );
		}
		$question = json_decode( $body, true, 3 );
		$userId = is_array( $question ) ? $this->readNumber( $question, 'user' ) : null;
		$pageIds = is_array( $question ) ? $this->readPageIds( $question['pageids'] ?? null ) : null;
		if ( !$userId || $pageIds === null ) {
			return $this->refuse( 400 );
		}
		$user = $this->findUser( $userId );
		return $this->say( [
			'user' => $user === null ? null : [
				'id' => $user->getId(),
				'name' => $user->getName(),
				'groups' => array_values( $this->groups->getUserEffectiveGroups( $user ) ),
				'blocked' => $this->isBlocked( $user ),
			],
			'pageids' => $user === null ? [] : $this->readable( $user, $pageIds ),
		] );
	}

	/**
	 * @param mixed $given
	 * @return int[]|null
	 */
	private function readPageIds( $given ): ?array {
		if ( !is_array( $given ) || array_values( $given ) !== $given || count( $given ) > self::MOST_PAGES ) {
			return null;
		}
		foreach ( $given as $pageId ) {
			if ( !is_int( $pageId ) || $pageId < 1 ) {
				return null;
			}
		}
		return array_values( array_unique( $given ) );
	}

	/**
	 * @param int $userId
	 * @return User|null
	 */
	private function findUser( int $userId ): ?User {
		$identity = $this->identities->getUserIdentityByUserId( $userId );
		if ( $identity === null ) {
			return null;
		}
		$user = $this->users->newFromUserIdentity( $identity );
		return $user->isHidden() || $user->isLocked() ? null : $user;
	}

	/**
	 * @param User $user
	 * @return bool
	 */
	private function isBlocked( User $user ): bool {
		$block = $user->getBlock();
		return $block !== null && $block->isSitewide();
	}

	/**
	 * The pages that are there and that the account may read, redirects included, found in one query.
	 *
	 * @param User $user
	 * @param int[] $pageIds
	 * @return int[]
	 */
	private function readable( User $user, array $pageIds ): array {
		if ( !$pageIds ) {
			return [];
		}
		$readable = [];
		$records = $this->pages->newSelectQueryBuilder()->wherePageIds( $pageIds )->caller( __METHOD__ )
			->fetchPageRecords();
		foreach ( $records as $record ) {
			if ( $user->definitelyCan( 'read', $record ) ) {
				$readable[] = $record->getId();
			}
		}
		return $readable;
	}
}
