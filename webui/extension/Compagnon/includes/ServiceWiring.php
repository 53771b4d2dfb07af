<?php

use MediaWiki\Extension\Compagnon\AskedByService;
use MediaWiki\Extension\Compagnon\BoxReply;
use MediaWiki\Extension\Compagnon\Breaker;
use MediaWiki\Extension\Compagnon\LinksReply;
use MediaWiki\Extension\Compagnon\SearchReply;
use MediaWiki\Extension\Compagnon\ServiceClient;
use MediaWiki\Extension\Compagnon\Settings;
use MediaWiki\Extension\Compagnon\VisiblePages;
use MediaWiki\Extension\Compagnon\VisiblePeople;
use MediaWiki\Logger\LoggerFactory;
use MediaWiki\MediaWikiServices;

return [
	'CompagnonSettings' => static function ( MediaWikiServices $services ): Settings {
		return new Settings( $services->getMainConfig() );
	},
	'CompagnonCache' => static function ( MediaWikiServices $services ) {
		// A wiki without a cache still has the stash, in its database.
		if ( $services->getMainConfig()->get( 'MainCacheType' ) === CACHE_NONE ) {
			return $services->getMainObjectStash();
		}
		if ( $services->hasService( 'ObjectCacheFactory' ) ) {
			return $services->getService( 'ObjectCacheFactory' )->getLocalClusterInstance();
		}
		return ObjectCache::getLocalClusterInstance();
	},
	'CompagnonAskedByService' => static function ( MediaWikiServices $services ): AskedByService {
		return new AskedByService(
			$services->getService( 'CompagnonSettings' ), $services->getService( 'CompagnonCache' )
		);
	},
	'CompagnonBreaker' => static function ( MediaWikiServices $services ): Breaker {
		$cache = $services->getService( 'CompagnonCache' );
		/** @var Settings $settings */
		$settings = $services->getService( 'CompagnonSettings' );
		return new Breaker( $cache, $settings->url() . "\n" . $settings->secret() );
	},
	'CompagnonClient' => static function ( MediaWikiServices $services ): ServiceClient {
		return new ServiceClient(
			$services->getService( 'CompagnonSettings' ),
			$services->getService( 'CompagnonBreaker' ),
			$services->getHttpRequestFactory(),
			$services->getUserFactory(),
			LoggerFactory::getInstance( 'Compagnon' )
		);
	},
	'CompagnonVisiblePages' => static function ( MediaWikiServices $services ): VisiblePages {
		return new VisiblePages( $services->getPageStore(), $services->getTitleFactory() );
	},
	'CompagnonVisiblePeople' => static function ( MediaWikiServices $services ): VisiblePeople {
		return new VisiblePeople( $services->getUserIdentityLookup(), $services->getUserNameUtils() );
	},
	'CompagnonBoxReply' => static function ( MediaWikiServices $services ): BoxReply {
		return new BoxReply(
			$services->getService( 'CompagnonVisiblePages' ), $services->getService( 'CompagnonVisiblePeople' )
		);
	},
	'CompagnonLinksReply' => static function ( MediaWikiServices $services ): LinksReply {
		return new LinksReply( $services->getService( 'CompagnonVisiblePages' ), $services->getTitleFactory() );
	},
	'CompagnonSearchReply' => static function ( MediaWikiServices $services ): SearchReply {
		return new SearchReply(
			$services->getService( 'CompagnonVisiblePages' ), $services->getService( 'CompagnonVisiblePeople' )
		);
	},
];
